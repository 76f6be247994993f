import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { answersFile } from "./support/answers.ts";
import { PlatformDatabase } from "./support/database.ts";
import { fitsSchema } from "./support/schemas.ts";
import { howItEnded, kubectl, migratectl } from "./support/site.ts";

const site = inject("site");
const namespace = "lost";
const release = "migrate-platform";
const [key, file] = [join(site.scratch, "platform.key"), join(site.scratch, "backups.export")];
let answers = "";

const database = new PlatformDatabase(site, namespace);
const sql = (statement: string) => database.sql(statement);
/** A command of Redis in the release's only pod of it. */
const redis = async (...command: readonly string[]): Promise<string> => {
  const argv = ["sh", "-c", '. /usr/local/lib/redis/redis-lib.sh; cli "$@"', "cli", ...command];
  return (await kubectl(site, "-n", namespace, "exec", "redis-0", "-c", "redis", "--", ...argv)).trim();
};
const secret = (name: string) => database.kube("get", "secret", name, "-o", "jsonpath={.data}");
const run = async (...args: readonly string[]) => {
  const ended = await migratectl(site, [...args, "--json"]);
  expect(ended.code, howItEnded(ended)).toBe(0);
  return JSON.parse(ended.stdout) as Readonly<Record<string, unknown>>;
};
/** The answers are those that lie with the backups. */
const again = () =>
  run("install", "--airgap", "--bundle", site.bundle, "--from-backup", file, "--backup-encryption-key-file", key, "--yes");

beforeAll(async () => {
  answers = await answersFile(site, "lost", { release: { namespace } });
  await run("install", "--airgap", "--bundle", site.bundle, "--answers", answers, "--yes");
}, 600_000);

afterAll(async () => {
  await run("uninstall", "--answers", answers, "--delete-data", "--confirm", release, "--yes");
  await kubectl(site, "delete", "namespace", namespace, "--wait=false");
});

describe("a platform whose cluster is lost", () => {
  let before = { rows: "", app: "" };

  it("was taken away as one file and a key", async () => {
    await sql("create table public.marker (id int primary key); insert into public.marker select generate_series(1, 1000)");
    await redis("set", "e2e:kept", "yes");
    await run("backup", "create", "--type", "full", "--answers", answers);
    const { set } = await run("backup", "create", "--type", "full", "--answers", answers);
    await sql("insert into public.marker values (1001)");
    await database.archived();
    before = { rows: await sql("select count(*) || ' ' || sum(id) from public.marker"), app: await secret("app-secrets") };
    await run("backup", "key", "--out", key, "--answers", answers);
    const exported = await run(
      "backup",
      "export",
      "--out",
      file,
      "--backup",
      (set as { readonly label: string }).label,
      "--answers",
      answers,
    );
    fitsSchema("export-result", JSON.stringify(exported));
    expect(exported).toMatchObject({ outcome: "exported", cipher: "aes-256-cbc", resumed: 0, bytes: statSync(file).size });
  });

  it("is not made of them over one that is there", async () => {
    const args = ["install", "--bundle", site.bundle, "--answers", answers, "--from-backup", file, "--yes", "--json"];
    const ended = await migratectl(site, args);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain("INSTALL_BACKUP_OVER");
  });

  it("is there again after one command, with its data, its answers and its secrets", async () => {
    await run("uninstall", "--answers", answers, "--delete-data", "--confirm", release, "--yes");
    await kubectl(site, "delete", "namespace", namespace, "--timeout=3m");
    expect(await again()).toMatchObject({ outcome: "installed" });
    expect(await sql("select count(*) || ' ' || sum(id) from public.marker")).toBe(before.rows);
    expect(JSON.parse(await secret("app-secrets"))).toEqual(JSON.parse(before.app));
    expect(await redis("get", "e2e:kept")).toBe("yes");
    const list = await run("backup", "list", "--answers", answers);
    expect(list).toMatchObject({ timeline: 2, holes: [] });
    expect((list["sets"] as readonly { readonly timeline: number }[]).map(({ timeline }) => timeline)).toContain(2);
    expect(await run("status", "--answers", answers)).toMatchObject({ profile: "trial" });
    expect(await again()).toMatchObject({ outcome: "unchanged" });
  }, 900_000);

  it("does not come back with another key", async () => {
    const args = ["install", "--bundle", site.bundle, "--from-backup", file, "--backup-encryption-key-file", answers, "--yes", "--json"];
    const ended = await migratectl(site, args);
    expect(ended.code).toBe(6);
    expect(ended.stdout).toContain("KIT_KEY_WRONG");
  });
});
