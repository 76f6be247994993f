import { appEntries, frontendEntries, mcpEntries, scriptEntries } from "./content.ts";
import type { PlatformRelease } from "./releases.ts";
import type { Entry } from "./rootfs.ts";

/** The packages of a layer, less those of the layers under it and those whose only use is to install or manage others. */
export interface PackageLayer {
  readonly name: string;
  readonly packages: readonly string[];
  readonly omit: readonly RegExp[];
  readonly entries: readonly Entry[];
  readonly certificates?: boolean;
  readonly python?: readonly string[];
}

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

/** Packages that only maintainer scripts need; none of those is run. */
export const installersOnly: readonly RegExp[] = [
  /^(adduser|passwd|base-passwd|login\.defs|debconf|libdebconfclient0|init-system-helpers|sysvinit-utils|ucf|sensible-utils|lsb-base)$/,
  /^(dpkg|tar|perl|perl-base|perl-modules-.*|libperl.*|libgdbm.*|lib.*-perl|libsemanage.*|libsepol2|libpam-modules.*)$/,
  /^(openssl|openssl-provider-legacy|gcc-14-base|readline-common)$/,
];

const accounts = [
  ["app", 10001],
  ["postgres", 10002],
  ["redis", 10003],
  ["pgbouncer", 10004],
  ["exporter", 10005],
] as const;

const base: PackageLayer = {
  name: "base",
  packages: [
    "base-files",
    "libc6",
    "libc-bin",
    "coreutils",
    "dash",
    "sed",
    "grep",
    "mawk",
    "findutils",
    "debianutils",
    "hostname",
    "tzdata",
    "netbase",
    "ca-certificates",
  ],
  omit: [...installersOnly, /^libdb5/],
  certificates: true,
  entries: [
    {
      kind: "file",
      path: "etc/passwd",
      content: [
        "root:x:0:0:root:/root:/usr/sbin/nologin",
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
        ...accounts.map(([name, id]) => `${name}:x:${id}:${id}:${name}:/tmp:/bin/sh`),
        "",
      ].join("\n"),
    },
    {
      kind: "file",
      path: "etc/group",
      content: ["root:x:0:", "nogroup:x:65534:", ...accounts.map(([name, id]) => `${name}:x:${id}:`), ""].join("\n"),
    },
    { kind: "file", path: "etc/nsswitch.conf", content: "passwd: files\ngroup: files\nhosts: files dns\n" },
    { kind: "link", path: "usr/bin/awk", target: "mawk" },
    { kind: "link", path: "var/run", target: "/run" },
    { kind: "directory", path: "run/secrets/migrate-platform" },
    { kind: "directory", path: "tmp", mode: 0o1777 },
  ],
};

/** What makes an interpreter that can compile the images' Python on this machine. */
export const interpreterPackages: readonly string[] = ["base-files", "libc6", "python3-minimal", "python3"];

const python: PackageLayer = {
  name: "python",
  packages: [
    ...base.packages,
    "python3-minimal",
    "python3-fastapi",
    "uvicorn",
    "python3-sqlalchemy",
    "python3-psycopg2",
    "python3-redis",
    "python3-alembic",
    "python3-prometheus-client",
  ],
  omit: [...installersOnly, /^(libncursesw6|libtinfo6|libreadline8t64)$/],
  entries: [],
  python: ["usr/lib/python3.13", "usr/lib/python3/dist-packages"],
};

const packageLayer = (
  name: string,
  packages: readonly string[],
  omit: readonly RegExp[] = [],
  entries: readonly Entry[] = [],
): PackageLayer => ({
  name,
  packages: [...base.packages, ...packages],
  omit: [...installersOnly, ...omit],
  entries,
});

const pgbinaries =
  /^(postgresql-common|postgresql-common-dev|postgresql-client-common|ssl-cert|procps|libproc2-0|locales|libc-l10n|libtext-.*)$/;
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
      layers: [
        base,
        packageLayer("nginx", ["nginx"], [/^(iproute2|libelf1t64|libbpf1|libdb5.*|libmnl0|libtirpc.*|libxtables12|libcap2-bin)$/]),
      ],
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
      layers: [
        base,
        packageLayer(
          "postgres",
          ["postgresql-17", "postgresql-17-pgvector", "pgbackrest", "libnss-wrapper"],
          [pgbinaries, /^(libllvm.*|libz3-4)$/],
        ),
      ],
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
      layers: [base, packageLayer("pgbouncer", ["pgbouncer", "postgresql-client-17"], [pgbinaries])],
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
      layers: [base, packageLayer("redis", ["redis-server", "redis-tools"])],
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
      layers: [base, packageLayer("postgres-exporter", ["prometheus-postgres-exporter"], [/^(libaudit.*|libcap-ng0|libdb5.*|libpam0g)$/])],
      entries: [],
      entrypoint: ["/usr/bin/prometheus-postgres-exporter"],
      command: [],
      environment: { PATH: path },
      ports: [9187],
    },
  ];
}
