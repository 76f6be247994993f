import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readInspection } from "../../../src/adapters/kubernetes/backup-host/answers.ts";
import { archivingFailure } from "../../../src/domain/recovery/archiving.ts";
import { readArchived, readOwnRepository } from "../../../src/workflow/backup/survey.ts";
import { run } from "./command.ts";
import type { Container } from "./container.ts";
import { eventually } from "./eventually.ts";
import { buildPlatform } from "./platform.ts";
import { PlatformLab } from "./platform-lab.ts";
import { pgbackrestConfig } from "./reference-config.ts";
import { hostArchitecture } from "./sources.ts";

/** Room for three segments, where the chart's is for 256. */
const pgbackrest = pgbackrestConfig["pgbackrest.conf"].replace("archive-async=y\n", "archive-async=y\narchive-push-queue-max=48MiB\n");

describe("archiving that fails for a long time", () => {
  let folder: string;
  let lab: PlatformLab;
  let primary: Container;
  let agent: Container;
  let repository: string;

  const ask = async (...args: readonly string[]): Promise<string> => (await agent.exec("postgres-entrypoint", ...args)).trim();
  const inspected = async () => readInspection(await ask("inspect"));
  const failure = async () => {
    const { primary: seen } = await inspected();
    return seen === undefined ? undefined : archivingFailure(seen.archived);
  };
  const writeSegment = async (): Promise<void> => {
    await lab.query(primary, "insert into marker values (default)");
    await ask("switch-wal");
  };
  const sets = async () => readOwnRepository(await inspected()).repository.sets;
  const dropped = (): Promise<string> => lab.query(primary, "select count(*) from ops.wal_dropped where closed_by is null");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "platform-archive-"));
    await buildPlatform({ release: "1.0.0", out: join(folder, "1.0.0"), images: ["postgres"], platforms: [hostArchitecture] });
    lab = await PlatformLab.open(join(folder, "1.0.0"), join(folder, "lab"));
    await lab.pods.address("postgres");
    primary = await lab.postgres("postgres", ["primary"], { pgbackrest });
    await lab.postgresReady(primary);
    agent = await lab.postgres("postgres", ["backup-agent"], { pgbackrest, name: "agent" });
    repository = (await lab.postgresVolumes("postgres"))["/var/lib/pgbackrest"] ?? "";
    await lab.query(primary, "create table marker (at timestamptz default clock_timestamp())");
    // Nobody asks for it: without one no moment could be reached.
    await eventually("a first full backup is made", 120, async () => (await sets().catch(() => [])).length > 0);
  }, 300_000);

  afterAll(async () => {
    await lab?.pods.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test("begins with a full backup that the agent makes by itself, and with no second one after it was started anew", async () => {
    expect((await sets()).map(({ type }) => type)).toEqual(["full"]);
    expect(await agent.stop(), agent.output).toBe(0);
    agent = await lab.postgres("postgres", ["backup-agent"], { pgbackrest, name: "agent-anew" });
    const beats = () => lab.query(primary, "select beats from ops.heartbeat").then(Number);
    const seen = await beats();
    await eventually("the agent beats", 90, async () => (await beats()) > seen);
    expect(await lab.query(primary, "select string_agg(status, ' ') from ops.backup_request")).toBe("succeeded");
  }, 180_000);

  test("is not put off by a start: WAL is switched when archive_timeout has passed, and not when the next checkpoint is due", async () => {
    await lab.query(primary, "alter system set archive_timeout = '5s'");
    expect(await agent.stop(), agent.output).toBe(0);
    expect(await primary.stop(), primary.output).toBe(0);
    primary = await lab.postgres("postgres", ["primary"], { pgbackrest, name: "started-again" });
    await lab.postgresReady(primary);
    agent = await lab.postgres("postgres", ["backup-agent"], { pgbackrest, name: "agent-started-again" });
    await lab.query(primary, "insert into marker values (default)");
    const segment = await lab.query(primary, "select pg_walfile_name(pg_current_wal_lsn())");
    const reached = `select coalesce(last_archived_wal, '') >= '${segment}' from pg_stat_archiver`;
    await eventually(`${segment} is archived`, 60, async () => (await lab.query(primary, reached)) === "t");
    await lab.query(primary, "alter system reset archive_timeout");
    await lab.query(primary, "select pg_reload_conf()");
  }, 180_000);

  test("is told while it fails, and costs nothing when it goes on before the queue is full", async () => {
    await run(["chmod", "-R", "a-w", repository]);
    await writeSegment();
    const seen = await eventually("it is told", 90, failure);
    expect(seen.segment).toMatch(/^[0-9A-F]{24}$/);
    await run(["chmod", "-R", "u+w", repository]);
    await eventually("it goes on", 120, async () => (await failure()) === undefined);
    const inspection = await inspected();
    expect(readArchived(inspection, readOwnRepository(inspection)).timelines).toMatchObject([{ holes: [] }]);
    expect(await dropped()).toBe("0");
  }, 300_000);

  test("gives WAL up when the queue is full, so that the disk does not fill; the hole is seen, and a full backup follows by itself", async () => {
    await run(["chmod", "-R", "a-w", repository]);
    await eventually("WAL is dropped", 180, async () => {
      await writeSegment();
      return (await dropped()) !== "0";
    });
    expect(primary.output).toContain("dropped WAL file");
    expect(agent.output).toContain("WAL was dropped because archiving failed for too long");
    await run(["chmod", "-R", "u+w", repository]);
    await writeSegment();
    await eventually("a second full backup is made", 240, async () => (await sets()).filter(({ type }) => type === "full").length === 2);
    await eventually("the hole is closed", 30, async () => (await dropped()) === "0");
    const inspection = await inspected();
    const own = readOwnRepository(inspection);
    const [timeline] = readArchived(inspection, own).timelines;
    expect(timeline?.holes).toMatchObject([{ kind: "missing" }]);
    const last = own.repository.sets.at(-1);
    expect((last?.archiveStart ?? "") > (timeline?.holes.at(-1)?.lastName ?? "")).toBe(true);
  }, 600_000);
});
