import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { insideArgv, insideEnv } from "../sandbox/index.ts";
import { answersFile } from "./support/answers.ts";
import { PlatformDatabase } from "./support/database.ts";
import { fitsSchema } from "./support/schemas.ts";
import { cli, howItEnded, kubectl, migratectl } from "./support/site.ts";
import { Terminal } from "./support/terminal.ts";

const site = inject("site");
const namespace = "drill";
const release = "migrate-platform";
let answers = "";

/** Chooses the random moment. */
const seed = Number(process.env["MIGRATECTL_CAMPAIGN_SEED"] ?? Date.now() % 1_000_000);

const run = (...args: readonly string[]) => migratectl(site, [...args, "--answers", answers]);
const database = new PlatformDatabase(site, namespace);
const kube = (...args: readonly string[]) => database.kube(...args);
const sql = (statement: string) => database.sql(statement);
/** Jobs and claims beside those of the chart. */
const beside = async (): Promise<readonly string[]> => {
  const names = await kube("get", "jobs,pods,pvc", "-l", "app.kubernetes.io/managed-by=migratectl", "-o", "name");
  const claims = (await kube("get", "pvc", "-o", "name")).split("\n").filter((name) => /postgres-(?:drill|preview)/.test(name));
  return [...names.split("\n"), ...claims].filter((name) => name !== "");
};
/** Runs a command that must end well, and gives its document. */
const told = async (schema: string, ...args: readonly string[]): Promise<Record<string, unknown>> => {
  const ended = await run(...args, "--json");
  expect(ended.code, howItEnded(ended)).toBe(0);
  fitsSchema(schema, ended.stdout);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
};

beforeAll(async () => {
  answers = await answersFile(site, "drill", { release: { namespace } });
  const ended = await run("install", "--airgap", "--bundle", site.bundle, "--yes");
  expect(ended.code, howItEnded(ended)).toBe(0);
  await sql("create table public.marker (id int primary key)");
  await told("backup-created", "backup", "create", "--type", "full");
}, 600_000);

afterAll(async () => {
  const gone = await run("uninstall", "--delete-data", "--confirm", release, "--yes");
  expect(gone.code, howItEnded(gone)).toBe(0);
  await kubectl(site, "delete", "namespace", namespace, "--wait=false");
});

describe("a drill on a running platform", () => {
  it("passes, is measured and recorded, leaves nothing behind, and does not touch the platform", async () => {
    await database.archived();
    const pods = await kube("get", "pods", "-l", "app.kubernetes.io/component!=backup", "-o", "name");
    const drilled = await told("drill-result", "backup", "drill");
    expect(drilled).toMatchObject({ outcome: "passed", figures: { rtoSeconds: expect.any(Number), rpoSeconds: expect.any(Number) } });
    console.info("drill", JSON.stringify([drilled["figures"], drilled["seconds"]]));
    expect(await beside()).toEqual([]);
    expect(await kube("get", "pods", "-l", "app.kubernetes.io/component!=backup", "-o", "name")).toBe(pods);
    const history = await told("history", "history", "--verify");
    expect(history["entries"]).toMatchObject([
      { workflow: "install" },
      { workflow: "drill", outcome: "succeeded", figures: drilled["figures"] },
    ]);
    expect(await told("backup-list", "backup", "list")).toMatchObject({ lastDrill: { status: "passed" } });
    expect(await told("status", "status")).toMatchObject({ needsAttention: false, lastDrill: { status: "passed" } });
  });

  it(`passes to any moment, and looks into every index and page when asked (seed ${seed})`, async () => {
    const drilled = await told("drill-result", "backup", "drill", "--to-time", "random", "--seed", String(seed), "--thorough");
    expect(drilled).toMatchObject({
      seed,
      checks: expect.arrayContaining([expect.objectContaining({ what: "checksums", verdict: "pass" })]),
    });
  });

  it("is made by the schedule, too, with the platform's image alone, and seen by status", async () => {
    await kube("create", "job", "by-hand", "--from=cronjob/backup-drill");
    await kube("wait", "job/by-hand", "--for=condition=complete", "--timeout=5m");
    expect(await told("status", "status")).toMatchObject({
      lastDrill: { by: "schedule", status: "passed", rpoSeconds: expect.any(Number) },
    });
    await kube("delete", "job", "by-hand");
  });

  it("that fails ends with 6, is recorded as failed, and calls for attention", async () => {
    await sql("update pg_index set indisvalid = false where indexrelid = 'public.marker_pkey'::regclass");
    await database.archived();
    const ended = await run("backup", "drill", "--json");
    expect(ended.code, howItEnded(ended)).toBe(6);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      error: { code: "DRILL_FAILED", what: expect.stringContaining("public.marker_pkey") },
    });
    expect(await beside()).toEqual([]);
    const status = await run("status", "--json");
    expect([status.code, JSON.parse(status.stdout).concerns]).toEqual([5, [expect.stringContaining("the last restore drill failed")]]);
    await sql("update pg_index set indisvalid = true where indexrelid = 'public.marker_pkey'::regclass");
    await database.archived();
    await told("drill-result", "backup", "drill");
  });
});

describe("a preview on a running platform", () => {
  let before = "";

  it("shows what was deleted, while the platform runs on without it", async () => {
    await sql("create table public.orders (id int primary key); insert into public.orders select generate_series(1, 500)");
    before = await database.now();
    await pause(50);
    await sql("drop table public.orders");
    const preview = await told("preview", "backup", "restore", "--preview", "--to-time", before, "--keep", "30m");
    expect(preview).toMatchObject({
      outcome: "waits",
      tables: expect.arrayContaining([expect.objectContaining({ table: "migration.assessment" })]),
    });
    expect(await told("preview-answer", "preview", "query", "select count(*) from public.orders")).toMatchObject({ rows: ["500"] });
    expect(await sql("select to_regclass('public.orders') is null")).toBe("t");
    const refused = await run("preview", "query", "delete from public.orders");
    expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining("read-only transaction")]);
    const [file = "", ...args] = insideArgv(site.sandbox, [process.execPath, cli, "preview", "query", "--answers", answers]);
    const terminal = new Terminal([file, ...args], { cwd: site.scratch, env: { ...insideEnv(site.sandbox) } });
    await terminal.answer(/migration=#/, "select 'rows ' || count(*) from public.orders;\r");
    await terminal.answer(/rows 500/);
    await terminal.answer(/migration=#/, "\\q\r");
    expect(await terminal.end(), terminal.screen).toBe(0);
    expect(await told("status", "status")).toMatchObject({ preview: { runs: true } });
    const other = await run("backup", "restore", "--preview", "--to-time", await database.now(), "--json");
    expect([other.code, JSON.parse(other.stdout).error.code]).toEqual([5, "SCRATCH_BUSY"]);
  });

  it("is promoted: the platform runs on the very moment, and the preview is gone", async () => {
    const shown = await told("preview", "preview", "show");
    const restored = await told("restore-result", "preview", "promote", "--yes", "--confirm", release);
    expect(restored["target"]).toEqual(shown["target"]);
    expect(await sql("select count(*) from public.orders")).toBe("500");
    expect(await beside()).toEqual([]);
  });

  it("is dropped with its volume, and ends by itself when its time is over", async () => {
    await told("preview", "backup", "restore", "--preview", "--to-latest");
    expect(await beside()).not.toEqual([]);
    expect(await told("preview-dropped", "preview", "drop")).toMatchObject({ outcome: "dropped" });
    expect(await beside()).toEqual([]);
    await told("preview", "backup", "restore", "--preview", "--to-latest", "--keep", "45s");
    await expect.poll(async () => (await run("preview", "show", "--json")).code, { timeout: 120_000, interval: 2000 }).toBe(5);
    await expect
      .poll(async () => (await kube("get", "pvc", "-o", "name")).includes("postgres-preview"), { timeout: 60_000, interval: 1000 })
      .toBe(false);
    await told("preview-dropped", "preview", "drop");
  });
});
