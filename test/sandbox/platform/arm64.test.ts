import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "./command.ts";
import { type Image, unpackImage } from "./oci-image.ts";
import { buildPlatform } from "./platform.ts";

const deadlineSeconds = 300;

describe.concurrent("the images for arm64, each program run by an emulator where this machine is another", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "platform-arm64-"));
    await buildPlatform({ release: "1.0.0", out: join(folder, "layout"), platforms: ["arm64"] });
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const unpacked = (name: string): Promise<Image> => unpackImage(join(folder, "layout"), name, join(folder, name), "arm64");

  const inside = ({ rootfs, uid, config }: Image, ...argv: readonly string[]): Promise<string> => {
    // The newest model that the emulator offers signs every return address in software, which takes eight times as long.
    const env = ["env", "-i", ...config.Env, "QEMU_CPU=cortex-a72"];
    const namespaces = ["unshare", "--user", "--map-root-user", "--mount", "--net", "--pid", "--fork", "--kill-child"];
    const script = ["sh", join(import.meta.dirname, "emulate.sh"), rootfs, String(uid)];
    return run(["timeout", "--signal=KILL", String(deadlineSeconds), ...namespaces, ...script, ...env, ...argv]);
  };

  test("backend: every module of the application can be imported", async () => {
    const program = `
import importlib, pkgutil, platform, app
names = [one.name for one in pkgutil.walk_packages(app.__path__, "app.") if not one.name.startswith("app.migrations.")]
for name in names: importlib.import_module(name)
print(platform.machine(), len(names) > 15)`;
    expect(await inside(await unpacked("backend"), "python3", "-c", program)).toBe("aarch64 True\n");
  });

  test("mcp-assessment-tools: a tool classifies an application", async () => {
    const program = `
from mcp_server.__main__ import create_app
from mcp_server.tools import TOOLS
create_app()
print(TOOLS["classify_application"]({"description": "COBOL batch on a mainframe"})["strategy"])`;
    expect(await inside(await unpacked("mcp-assessment-tools"), "python3", "-c", program)).toBe("refactor\n");
  });

  test("frontend: nginx accepts the configuration that its entry point completes", async () => {
    const tester = "mkdir /tmp/first; printf '#!/bin/sh\\nexec /usr/sbin/nginx -t \"$@\"\\n' >/tmp/first/nginx; chmod 755 /tmp/first/nginx";
    // Through a pipe, as in a pod: nginx opens /dev/stdout, which a socket does not allow.
    const start = "touch /etc/resolv.conf; PATH=/tmp/first:$PATH frontend-entrypoint 2>&1 | cat";
    expect(await inside(await unpacked("frontend"), "sh", "-c", `${tester}; ${start}`)).toMatch(/test is successful\n$/);
  });

  test("postgres: a cluster is founded, and pgvector measures a distance in it; pgBackRest starts", async () => {
    const image = await unpacked("postgres");
    const found = "initdb -D /tmp/data -U postgres --auth=peer --no-sync >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }";
    const sql = ["create extension vector;", "select version();", "select '[1,2]'::vector <-> '[1,5]' as distance;"];
    const output = await inside(image, "sh", "-c", `${found}; printf '%s\\n' "$@" | postgres --single -D /tmp/data postgres`, "sh", ...sql);
    expect(output).toMatch(/version = "PostgreSQL 17\.\d+ .* on aarch64-/);
    expect(output).toContain('distance = "3"');
    expect(await inside(image, "pgbackrest", "version")).toMatch(/^pgBackRest 2\.\d+/);
  });

  test("pgbouncer starts", async () => {
    expect(await inside(await unpacked("pgbouncer"), "pgbouncer", "--version")).toMatch(/^PgBouncer 1\.24/);
  });

  test("redis: a server answers, and keeps what it is told over a restart", async () => {
    const image = await unpacked("redis");
    const serve = "redis-server --port 0 --unixsocket /tmp/socket --dir /tmp --appendonly yes --daemonize yes >/dev/null";
    const ready = "until redis-cli -s /tmp/socket ping 2>/dev/null | grep -q PONG; do sleep 0.1; done";
    const talk = (command: string) => inside(image, "sh", "-c", `${serve}; ${ready}; ${command}; redis-cli -s /tmp/socket shutdown`);
    expect(await talk("redis-cli -s /tmp/socket set colour green")).toBe("OK\n");
    expect(await talk("redis-cli -s /tmp/socket get colour")).toBe("green\n");
  });

  test("postgres-exporter starts and is built for arm64", async () => {
    const version = await inside(await unpacked("postgres-exporter"), "sh", "-c", "prometheus-postgres-exporter --version 2>&1");
    expect(version).toMatch(/version 0\.17\.[\s\S]*platform: +linux\/arm64/);
  });
});
