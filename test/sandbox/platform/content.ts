import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { digestOf } from "./digest.ts";
import { type PlatformRelease, platformFolder } from "./releases.ts";
import type { Entry } from "./rootfs.ts";

const appFolder = "opt/migrate-platform";

function source(path: string): Buffer {
  return readFileSync(join(platformFolder, path));
}

// The files under a folder of the sources as entries under `target`, in a fixed order, without what editors and Python leave.
function tree(folder: string, target: string): readonly Entry[] {
  return readdirSync(join(platformFolder, folder), { recursive: true, withFileTypes: true })
    .filter((found) => found.isFile() && [".py", ".html", ".css", ".js", ".svg", ".json"].includes(extname(found.name)))
    .map((found) => join(found.parentPath, found.name).slice(join(platformFolder, folder).length + 1))
    .sort()
    .map((path) => ({ kind: "file", path: `${target}/${path}`, content: source(`${folder}/${path}`) }));
}

function releaseFile(release: PlatformRelease): Entry {
  const { version, schemaRevision, minimumSchemaRevision } = release;
  return {
    kind: "file",
    path: `${appFolder}/app/release.json`,
    content: JSON.stringify({ version, schemaRevision, minimumSchemaRevision }),
  };
}

/** The backend of a release: the common code, the release's own modules over it, and only its migrations. */
export function appEntries(release: PlatformRelease): readonly Entry[] {
  const versions = `${appFolder}/app/migrations/versions/`;
  const common = tree("backend/app", `${appFolder}/app`).filter(
    (entry) => !entry.path.startsWith(versions) || release.migrations.includes(entry.path.slice(versions.length)),
  );
  return [
    ...common,
    ...tree(`backend/releases/${release.version}/app`, `${appFolder}/app`),
    releaseFile(release),
    directory("workspace"),
    directory("cache"),
  ];
}

/** The MCP server with the modules of the backend that it shares. */
export function mcpEntries(release: PlatformRelease): readonly Entry[] {
  const shared = ["__init__", "release", "settings", "jsonlog", "metrics", "http_app"].map(
    (name): Entry => ({
      kind: "file",
      path: `${appFolder}/app/${name}.py`,
      content: source(`backend/app/${name}.py`),
    }),
  );
  return [...tree("mcp/mcp_server", `${appFolder}/mcp_server`), ...shared, releaseFile(release)];
}

/** nginx's configuration and the page, its assets named by their content so that they can be cached for ever. */
export function frontendEntries(): readonly Entry[] {
  const site = "usr/share/migrate-platform";
  let html = source("frontend/site/index.html").toString("utf8");
  const assets = ["app.js", "style.css", "icon.svg"].map((name): Entry => {
    const content = source(`frontend/site/${name}`);
    const hashed = name.replace(".", `.${digestOf(content).slice(7, 17)}.`);
    html = html.replaceAll(`/assets/${name}`, `/assets/${hashed}`);
    return { kind: "file", path: `${site}/assets/${hashed}`, content };
  });
  return [
    ...assets,
    { kind: "file", path: `${site}/index.html`, content: html },
    { kind: "file", path: `${site}/maintenance.html`, content: source("frontend/site/maintenance.html") },
    { kind: "file", path: `${site}/ready.json`, content: source("frontend/site/ready.json") },
    { kind: "file", path: "etc/nginx/nginx.conf", content: source("frontend/nginx.conf") },
    { kind: "file", path: "etc/nginx/security-headers.conf", content: source("frontend/security-headers.conf") },
    executable("frontend", "frontend-entrypoint"),
    directory("var/lib/nginx"),
  ];
}

/** The entry point and scripts of a third-party image. */
export function scriptEntries(image: "postgres" | "pgbouncer" | "redis"): readonly Entry[] {
  switch (image) {
    case "postgres":
      return [
        executable("postgres", "postgres-entrypoint"),
        ...[
          "postgres-lib.sh",
          "postgres-primary.sh",
          "postgres-replica.sh",
          "postgres-backup.sh",
          "postgres-inspect.sh",
          "postgres-examine.sh",
          "postgres-restore.sh",
          "postgres-drill.sh",
          "postgres-carry.sh",
          "postgres-kit.sh",
          "postgres-redis.sh",
        ].map((name) => data("postgres", name, "usr/local/lib/postgres")),
        ...[
          "database.sql",
          "roles.sql",
          "ops.sql",
          "settle.sql",
          "examine-contents.sql",
          "examine-indexes.sql",
          "examine-pages.sql",
          "drill.sql",
        ].map((name) => data("postgres", name, "usr/local/share/postgres")),
        ...[
          "etc/postgresql/init.d",
          "etc/pgbackrest",
          "var/lib/postgresql/data",
          "var/lib/pgbackrest",
          "run/postgresql",
          "var/log/pgbackrest",
          "var/spool/pgbackrest",
        ].map(directory),
      ];
    case "pgbouncer":
      return [executable("pgbouncer", "pgbouncer-entrypoint"), directory("run/pgbouncer")];
    case "redis":
      return [
        executable("redis", "redis-entrypoint"),
        executable("redis", "redis-health"),
        ...["redis-lib.sh", "redis-load.sh"].map((name) => data("redis", name, "usr/local/lib/redis")),
        directory("data"),
      ];
    default:
      return image satisfies never;
  }
}

function executable(folder: string, name: string): Entry {
  return { kind: "file", path: `usr/local/bin/${name}`, content: source(`${folder}/${name}`), mode: 0o755 };
}

function data(folder: string, name: string, target: string): Entry {
  return { kind: "file", path: `${target}/${name}`, content: source(`${folder}/${name}`) };
}

function directory(path: string): Entry {
  return { kind: "directory", path };
}
