import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { readInspection } from "../../../src/adapters/kubernetes/backup-host/answers.ts";
import type { WalArchive } from "../../../src/domain/recovery/archive.ts";
import { readArchived, readOwnRepository } from "../../../src/workflow/backup/survey.ts";
import { run } from "../../sandbox/platform/command.ts";
import type { Container } from "../../sandbox/platform/container.ts";
import { eventually } from "../../sandbox/platform/eventually.ts";
import { buildPlatform } from "../../sandbox/platform/platform.ts";
import { PlatformLab } from "../../sandbox/platform/platform-lab.ts";
import { pgbackrestConfig } from "../../sandbox/platform/reference-config.ts";
import { hostArchitecture } from "../../sandbox/platform/sources.ts";

const chartFiles = join(import.meta.dirname, "../../../templates/chart");

/** The queries that the chart gives to the exporter of Postgres. */
const queriesSchema = z.record(z.string(), z.object({ query: z.string() }));

/** Bytes of a row of the load. */
const rowBytes = 8_192;

/** What the chart's exporter tells of the archive, and how much WAL the volume holds. */
export interface Sample {
  readonly failedCount: number;
  readonly archivedCount: number;
  /** Seconds since a segment was archived. */
  readonly age: number;
  /** Holes that no full backup has closed. */
  readonly open: number;
  readonly walBytes: number;
  /** WAL written since the database was made, bytes. */
  readonly written: number;
}

/** A primary with its backup agent, set up for the archive as the chart does. */
export class ArchiveLaboratory {
  private readonly folder: string;
  private readonly lab: PlatformLab;
  private readonly primary: Container;
  private readonly agent: Container;
  private readonly queries: z.infer<typeof queriesSchema>;

  private constructor(
    folder: string,
    lab: PlatformLab,
    containers: readonly [Container, Container],
    queries: z.infer<typeof queriesSchema>,
  ) {
    this.folder = folder;
    this.lab = lab;
    [this.primary, this.agent] = containers;
    this.queries = queries;
  }

  /** Starts both, and waits for the first full backup. */
  static async open(): Promise<ArchiveLaboratory> {
    const folder = await mkdtemp(join(tmpdir(), "campaign-archive-"));
    const layout = join(folder, "1.0.0");
    await buildPlatform({ release: "1.0.0", out: layout, images: ["postgres"], platforms: [hostArchitecture] });
    const lab = await PlatformLab.open(layout, join(folder, "lab"));
    await lab.pods.address("postgres");
    const pgbackrest = pgbackrestConfig["pgbackrest.conf"].replace("archive-async=y\n", `archive-async=y\n${await queueOfTheChart()}\n`);
    const primary = await lab.postgres("postgres", ["primary"], { pgbackrest });
    await lab.postgresReady(primary);
    const agent = await lab.postgres("postgres", ["backup-agent"], { pgbackrest, name: "agent" });
    const queries = queriesSchema.parse(parse(await readFile(join(chartFiles, "files/postgres-exporter-queries.yaml"), "utf8")));
    const laboratory = new ArchiveLaboratory(folder, lab, [primary, agent], queries);
    await eventually("a full backup is made", 120, async () => (await laboratory.fullBackups().catch(() => 0)) === 1);
    // Not compressed, so that a row is as large in the WAL as it looks; written once and copied then, which costs hardly any processor.
    await lab.query(primary, "create table load (content text); alter table load alter content set storage external");
    await lab.query(primary, "create table source (like load including all)");
    await lab.query(primary, `insert into source select repeat(md5(n::text), ${rowBytes / 32}) from generate_series(1, 1000) n`);
    return laboratory;
  }

  /** Writes at least so many bytes of WAL, in statements of up to eight megabytes, and keeps the table small. */
  async write(bytes: number): Promise<void> {
    for (let rest = bytes; rest > 0; rest -= 1000 * rowBytes) {
      const rows = Math.min(1000, Math.ceil(rest / rowBytes));
      await this.lab.query(this.primary, `truncate load; insert into load select content from source limit ${rows}`);
    }
  }

  /** Makes the repository one that nothing can be written to, or takes that back. */
  async writable(how: boolean): Promise<void> {
    const { "/var/lib/pgbackrest": repository } = await this.lab.postgresVolumes("postgres");
    await run(["chmod", "-R", how ? "u+w" : "a-w", repository]);
  }

  async sample(): Promise<Sample> {
    const [archivedCount = 0, failedCount = 0, age = 0] = (await this.exported("pg_archive")).split("|").map(Number);
    const open = Number(await this.exported("pg_archive_hole"));
    const wal = "select sum(size) || '|' || pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') from pg_ls_waldir()";
    const [walBytes = 0, written = 0] = (await this.lab.query(this.primary, wal)).split("|").map(Number);
    return { archivedCount, failedCount, age, open, walBytes, written };
  }

  /** How many full backups the repository holds. */
  async fullBackups(): Promise<number> {
    const inspection = readInspection(await this.ask("inspect"));
    const { sets } = readOwnRepository(inspection).repository;
    return sets.filter(({ type }) => type === "full").length;
  }

  /** What the walk through the archive finds. */
  async archived(): Promise<WalArchive> {
    const inspection = readInspection(await this.ask("inspect"));
    return readArchived(inspection, readOwnRepository(inspection));
  }

  /** Ends it with everything that it has written. */
  async close(): Promise<void> {
    await this.lab.pods.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private ask(...args: readonly string[]): Promise<string> {
    return this.agent.exec("postgres-entrypoint", ...args);
  }

  private async exported(name: string): Promise<string> {
    return await this.lab.query(this.primary, this.queries[name]?.query ?? "");
  }
}

/** The line of the chart's pgbackrest.conf that says how much WAL may wait. */
async function queueOfTheChart(): Promise<string> {
  const template = await readFile(join(chartFiles, "templates/_lib/_postgres.tpl"), "utf8");
  const line = /^archive-push-queue-max=\S+$/m.exec(template)?.[0];
  if (line === undefined) throw new Error("the chart does not limit the WAL that waits");
  return line;
}
