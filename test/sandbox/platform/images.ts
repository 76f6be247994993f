import { appEntries, frontendEntries, mcpEntries, scriptEntries } from "./content.ts";
import { base, nginx, type PackageLayer, pgbouncer, postgres, postgresExporter, python, redis } from "./package-layers.ts";
import type { PlatformRelease } from "./releases.ts";
import type { Entry } from "./rootfs.ts";

/** An image: package layers from the bottom up, then its own files, and how it runs. */
export interface ImageSpec {
  readonly name: string;
  readonly repository: string;
  readonly tag: string;
  readonly title: string;
  readonly version: string;
  readonly layers: readonly PackageLayer[];
  readonly entries: readonly Entry[];
  readonly python?: readonly string[];
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  readonly ports: readonly number[];
}

const path = "/usr/local/bin:/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin";
const app = { python: ["opt/migrate-platform"], user: "10001:10001" } as const;
const pythonEnvironment = { PATH: path, PYTHONPATH: "/opt/migrate-platform", PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" };

/** The images of a release. */
export function platformImages(release: PlatformRelease): readonly ImageSpec[] {
  const vendor = (name: string) =>
    ({ name, repository: `migrate-platform/${name}`, tag: release.version, version: release.version }) as const;
  const thirdParty = (name: string, repository = `migrate-platform/${name}`) => {
    const tag = release.tags[name];
    if (tag === undefined) throw new RangeError(`release ${release.version} has no tag for ${name}`);
    return { name, repository, tag, version: tag } as const;
  };
  return [
    {
      ...vendor("backend"),
      ...app,
      title: "AI Migration Platform backend",
      layers: [base, python],
      entries: appEntries(release),
      entrypoint: ["python3", "-m"],
      command: ["app.server"],
      environment: pythonEnvironment,
      ports: [8000, 8001, 8002],
    },
    {
      ...vendor("frontend"),
      title: "AI Migration Platform frontend",
      user: app.user,
      layers: [base, nginx],
      entries: frontendEntries(),
      entrypoint: ["frontend-entrypoint"],
      command: [],
      environment: { PATH: path },
      stopSignal: "SIGQUIT",
      ports: [8080],
    },
    {
      ...vendor("mcp-assessment-tools"),
      ...app,
      title: "AI Migration Platform assessment tools (MCP)",
      layers: [base, python],
      entries: mcpEntries(release),
      entrypoint: ["python3", "-m"],
      command: ["mcp_server"],
      environment: pythonEnvironment,
      ports: [8080],
    },
    {
      ...thirdParty("postgres"),
      title: "PostgreSQL 17 with pgvector and pgBackRest",
      user: "10002:10002",
      layers: [base, postgres],
      entries: scriptEntries("postgres"),
      entrypoint: ["postgres-entrypoint"],
      command: [],
      environment: { PATH: path, LANG: "C.UTF-8", PGDATA: "/var/lib/postgresql/data/current" },
      stopSignal: "SIGINT",
      ports: [5432],
    },
    {
      // PgBouncer waits for every client on SIGTERM; on SIGINT it lets running transactions end.
      ...thirdParty("pgbouncer"),
      title: "PgBouncer",
      user: "10004:10004",
      layers: [base, pgbouncer],
      entries: scriptEntries("pgbouncer"),
      entrypoint: ["pgbouncer-entrypoint"],
      command: [],
      environment: { PATH: path },
      stopSignal: "SIGINT",
      ports: [5432],
    },
    {
      ...thirdParty("redis"),
      title: "Redis 7 with Sentinel",
      user: "10003:10003",
      layers: [base, redis],
      entries: scriptEntries("redis"),
      entrypoint: ["redis-entrypoint"],
      command: ["server"],
      environment: { PATH: path },
      ports: [6379, 26379],
    },
    {
      ...thirdParty("postgres-exporter", "prometheuscommunity/postgres-exporter"),
      title: "Prometheus exporter for PostgreSQL",
      user: "10005:10005",
      layers: [base, postgresExporter],
      entries: [],
      entrypoint: ["/usr/bin/prometheus-postgres-exporter"],
      command: [],
      environment: { PATH: path },
      ports: [9187],
    },
  ];
}
