import type { Entry } from "./rootfs.ts";

/** A layer of Debian packages, less those of the layer that it lies on and those whose only use is to install or manage others. */
export interface PackageLayer {
  readonly name: string;
  readonly on?: PackageLayer;
  readonly packages: readonly string[];
  readonly omit: readonly RegExp[];
  readonly entries: readonly Entry[];
  readonly certificates?: boolean;
  /** The folders whose Python is compiled. */
  readonly python?: readonly string[];
}

/** Packages that only maintainer scripts need; none of those is run. */
const installersOnly: readonly RegExp[] = [
  /^(adduser|passwd|base-passwd|login\.defs|debconf|libdebconfclient0|init-system-helpers|sysvinit-utils|ucf|sensible-utils|lsb-base)$/,
  /^(dpkg|tar|perl|perl-base|perl-modules-.*|libperl.*|libgdbm.*|lib.*-perl|libsemanage.*|libsepol2|libpam-modules.*)$/,
  /^(openssl|openssl-provider-legacy|readline-common)$/,
];

/** Libraries of programs that make accounts. */
const accountLibraries = /^(libaudit.*|libcap-ng0|libdb5.*|libpam0g)$/;
/** Libraries of dpkg and perl. */
const dpkgLibraries = /^(libbsd0|libbz2-1\.0|libcrypt1|libmd0)$/;

const accounts = [
  ["app", 10001],
  ["postgres", 10002],
  ["redis", 10003],
  ["pgbouncer", 10004],
  ["exporter", 10005],
] as const;

/** What every image lies on: the C library, a shell with its tools, certificates, time zones, the users of all images. */
export const base: PackageLayer = {
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

/** What makes an interpreter that can compile the images' Python on this machine; no part of an image by itself. */
export const interpreter: PackageLayer = {
  name: "interpreter",
  packages: ["base-files", "libc6", "python3-minimal", "python3"],
  omit: installersOnly,
  entries: [],
};

function onBase(name: string, packages: readonly string[], omit: readonly RegExp[] = []): PackageLayer {
  return { name, on: base, packages, omit: [...installersOnly, ...omit], entries: [] };
}

/** The vendor's Python with the libraries of its code. */
export const python: PackageLayer = {
  ...onBase(
    "python",
    [
      "python3-minimal",
      "python3-fastapi",
      "uvicorn",
      "python3-sqlalchemy",
      "python3-psycopg2",
      "python3-redis",
      "python3-alembic",
      "python3-prometheus-client",
    ],
    [/^(libncursesw6|libtinfo6|libreadline8t64)$/],
  ),
  python: ["usr/lib/python3.13", "usr/lib/python3/dist-packages"],
};

/** nginx without what its package's scripts call. */
export const nginx = onBase("nginx", ["nginx"], [/^(iproute2|libelf1t64|libbpf1|libdb5.*|libmnl0|libtirpc.*|libxtables12|libcap2-bin)$/]);

const postgresAdministration =
  /^(postgresql-common|postgresql-common-dev|postgresql-client-common|ssl-cert|procps|libproc2-0|locales|libc-l10n|libtext-.*)$/;

/** PostgreSQL with pgvector and pgBackRest, without its compiler of queries. */
export const postgres = onBase(
  "postgres",
  ["postgresql-17", "postgresql-17-pgvector", "pgbackrest", "libnss-wrapper", "zstd", "redis-tools"],
  [postgresAdministration, /^(libedit2|libffi8|libllvm.*|libz3-4)$/],
);

/** PgBouncer, and psql to look at its pools. */
export const pgbouncer = onBase("pgbouncer", ["pgbouncer", "postgresql-client-17"], [postgresAdministration, dpkgLibraries]);

/** Redis and its command line. */
export const redis = onBase("redis", ["redis-server", "redis-tools"], [accountLibraries, dpkgLibraries]);

/** The exporter of Prometheus for PostgreSQL. */
export const postgresExporter = onBase("postgres-exporter", ["prometheus-postgres-exporter"], [accountLibraries, dpkgLibraries]);
