import { until } from "../../sandbox/until.ts";
import { type E2eSite, kubectl } from "./site.ts";

/** psql as the superuser on the socket of a pod of Postgres; without tags, so that what comes out is what the statement gives. */
export const superuserPsql = [
  "psql",
  "-X",
  "-A",
  "-t",
  "-q",
  "-v",
  "ON_ERROR_STOP=1",
  "-h",
  "/var/run/postgresql",
  "-U",
  "postgres",
  "-d",
  "migration",
];

/** The database of a platform that a test has installed, asked as its superuser. */
export class PlatformDatabase {
  private readonly site: E2eSite;
  private readonly namespace: string;

  constructor(site: E2eSite, namespace: string) {
    this.site = site;
    this.namespace = namespace;
  }

  /** What kubectl says in the platform's namespace. @throws Error when it fails */
  kube(...args: readonly string[]): Promise<string> {
    return kubectl(this.site, "-n", this.namespace, ...args);
  }

  /** Runs a program in the primary's container. @throws Error when it fails */
  exec(...argv: readonly string[]): Promise<string> {
    return this.kube("exec", "postgres-0", "-c", "postgres", "--", ...argv);
  }

  /** What a statement gives, a line per row. @throws Error when it fails */
  async sql(statement: string): Promise<string> {
    return (await this.exec(...superuserPsql, "-c", statement)).trim();
  }

  /** The time by Postgres' clock, as `--to-time` takes it. */
  now(): Promise<string> {
    return this.sql(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);
  }

  /** Begins a new segment of WAL, waits until the one before is in the archive, and gives its name. */
  async archived(): Promise<string> {
    const segment = await this.sql("select pg_walfile_name(pg_switch_wal() - 1)");
    const reached = `select coalesce(last_archived_wal, '') >= '${segment}' from pg_stat_archiver`;
    const probe = async () => ((await this.sql(reached)) === "t" ? true : undefined);
    await until(`segment ${segment} in the archive`, probe, { deadlineMs: 60_000, pauseMs: 500 });
    return segment;
  }

  /** Every Deployment and StatefulSet with the pods that it should have. */
  replicas(): Promise<string> {
    const each = "jsonpath={range .items[*]}{.metadata.name}={.spec.replicas} {end}";
    return this.kube("get", "deployments,statefulsets", "-o", each);
  }
}
