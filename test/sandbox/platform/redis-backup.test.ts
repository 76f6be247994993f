import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readExamination } from "../../../src/adapters/kubernetes/backup-host/examination-answer.ts";
import { readRedisKeeping } from "../../../src/adapters/kubernetes/backup-host/redis-answer.ts";
import { feed } from "./command.ts";
import type { Container } from "./container.ts";
import { eventually } from "./eventually.ts";
import { buildPlatform } from "./platform.ts";
import { PlatformLab } from "./platform-lab.ts";
import { hostArchitecture } from "./sources.ts";

const many = 60_000;

describe("Redis in the database's keeping, in the images that the chart runs", () => {
  let folder: string;
  let lab: PlatformLab;
  let primary: Container;
  let agent: Container;
  let redis: Container;
  let replica: Container;
  let serial = 0;

  const cli = async (container: Container, ...args: readonly string[]): Promise<string> =>
    (await container.exec("sh", "-c", '. /usr/local/lib/redis/redis-lib.sh; cli "$@"', "cli", ...args)).trim();
  const startAgent = async (env: Readonly<Record<string, string>>): Promise<void> => {
    serial += 1;
    if (agent !== undefined) expect(await agent.stop(), agent.output).toBe(0);
    agent = await lab.postgres("postgres", ["backup-agent"], {
      name: `agent-${serial}`,
      redis: { REDIS_HOST: "redis", REDIS_BACKUP_INTERVAL_MINUTES: "0", ...env },
    });
    await eventually("the agent runs", 30, () => agent.exec("postgres-entrypoint", "volumes"));
  };
  const ask = async (...args: readonly string[]): Promise<string> => (await agent.exec("postgres-entrypoint", ...args)).trim();
  const snapshot = async (...args: readonly string[]) => readRedisKeeping(await ask("redis-snapshot", ...args));
  const state = async () => readRedisKeeping(await ask("redis-state"));
  const load = async (into: Container, env: readonly string[] = []): Promise<void> => {
    const { bytes, sha256 } = (await state()).snapshot ?? { bytes: 0, sha256: "" };
    const consumer = into.command("env", ...env, "redis-entrypoint", "load", String(bytes), sha256);
    await feed(consumer, [agent.command("postgres-entrypoint", "redis-rdb")]);
  };
  /** Does the work, and sees that meanwhile no process of this machine has the password in its arguments or its environment. */
  const withoutPassword = async <T>(work: () => Promise<T>): Promise<T> => {
    const working = { over: false };
    const done = work().finally(() => {
      working.over = true;
    });
    const seen: string[] = [];
    while (!working.over) {
      seen.push(...(await processes()));
      await pause(10);
    }
    const result = await done;
    expect(seen.filter((text) => /redis-(cli|entrypoint)/.test(text)).length).toBeGreaterThan(0);
    expect(seen.filter((text) => text.includes(lab.passwords["redis-password"] ?? ""))).toEqual([]);
    return result;
  };
  const backup = async (): Promise<string> => {
    const { request } = JSON.parse(await ask("ask-backup", "full", `test ${(serial += 1)}`)) as { readonly request: number };
    return await eventually(
      "the full backup is made",
      90,
      async () => /"label" : "([0-9F-]+)"/.exec(await ask("backup-state", String(request)))?.[1] ?? false,
    );
  };
  const sentinelEnv = (name: string) => ({
    REDIS_MODE: "sentinel",
    POD_NAME: name.split(".")[0] ?? "",
    REDIS_HEADLESS: "pool",
    REDIS_SENTINELS: "redis-0.pool:26379,redis-1.pool:26379",
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "platform-redis-"));
    await buildPlatform({ release: "1.0.0", out: join(folder, "1.0.0"), images: ["postgres", "redis"], platforms: [hostArchitecture] });
    lab = await PlatformLab.open(join(folder, "1.0.0"), join(folder, "lab"));
    for (const pod of ["postgres", "redis", "redis-0.pool", "redis-1.pool"]) await lab.pods.address(pod);
    redis = await lab.redis("redis", "server");
    primary = await lab.postgres("postgres", ["primary"]);
    await lab.postgresReady(primary);
    await startAgent({});
    await eventually("Redis is ready", 60, async () => (await redis.exec("redis-health", "ready")) !== undefined);
    await eventually("the schema is there", 60, () => lab.query(primary, "select count(*) from ops.redis_chunk").catch(() => false));
  }, 300_000);

  afterAll(async () => {
    await lab?.pods.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test("a snapshot is taken, its password in no argument and no environment", async () => {
    await cli(redis, "rpush", "queue", "one", "two");
    await cli(redis, "set", "lasting", "yes");
    await cli(redis, "set", "passing", "yes", "ex", "86400");
    await cli(redis, "set", "gone", "yes", "px", "1");
    await cli(redis, "-n", "3", "set", "elsewhere", "yes");
    const { failure, snapshot: found } = await withoutPassword(() => snapshot());
    expect(failure).toBeUndefined();
    expect(found).toMatchObject({ keys: 4, bytes: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test("where nothing is new none is taken, and the one that is there holds until now", async () => {
    const first = await state();
    await cli(redis, "bgsave");
    await eventually("Redis has saved", 30, async () => (await cli(redis, "info", "persistence")).includes("rdb_bgsave_in_progress:0"));
    // Redis tells the second of its last save only: a snapshot of a later second knows that nothing has changed since.
    await pause(1100);
    const second = await snapshot("new");
    const chunks = await lab.query(primary, "select xmin from ops.redis_chunk");
    await pause(1100);
    const third = await snapshot("new");
    expect(third.snapshot?.sha256).toBe(second.snapshot?.sha256);
    expect(await lab.query(primary, "select xmin from ops.redis_chunk")).toBe(chunks);
    expect(Date.parse(third.snapshot?.asOf ?? "")).toBeGreaterThan(Date.parse(first.snapshot?.asOf ?? ""));
    await cli(redis, "rpush", "queue", "three");
    expect((await snapshot("new")).snapshot?.sha256).not.toBe(third.snapshot?.sha256);
  });

  test("is loaded with its TTLs over what is there, once and again, its password seen by nobody, and users and settings stay", async () => {
    await cli(redis, "acl", "setuser", "someone", "on", ">x", "~*", "+get");
    for (const _ of [1, 2]) {
      await cli(redis, "del", "queue", "lasting");
      await cli(redis, "set", "later", "yes");
      await withoutPassword(() => load(redis));
      expect(await cli(redis, "lrange", "queue", "0", "-1")).toBe("one\ntwo\nthree");
      expect(await cli(redis, "dbsize")).toBe("3");
      expect(await cli(redis, "exists", "later", "gone")).toBe("0");
      expect(await cli(redis, "ttl", "lasting")).toBe("-1");
      expect(Number(await cli(redis, "ttl", "passing"))).toBeGreaterThan(86_000);
      expect(await cli(redis, "-n", "3", "get", "elsewhere")).toBe("yes");
    }
    expect(await cli(redis, "acl", "list")).toContain("user someone on");
    expect(await redis.exec("ls", "/data")).not.toContain("restore");
  });

  test("that does not fit into the memory, or is not the one that was taken, changes nothing", async () => {
    await cli(redis, "set", "later", "yes");
    await expect(load(redis, ["REDIS_MEMORY_LIMIT=20000000"])).rejects.toThrow(/the snapshot needs \d+ MiB of memory beside \d+ MiB/);
    const { bytes = 0 } = (await state()).snapshot ?? {};
    const other = redis.command("redis-entrypoint", "load", String(bytes), "0".repeat(64));
    await expect(feed(other, [agent.command("postgres-entrypoint", "redis-rdb")])).rejects.toThrow(/its checksum is another/);
    expect(await cli(redis, "get", "later")).toBe("yes");
  });

  test("loading that is killed in the middle, or overtaken by another, ends in the same state", async () => {
    await cli(redis, "eval", `for n = 1, ${many} do redis.call('set', 'many:' .. n, n) end return 1`, "0");
    const whole = Number(await cli(redis, "dbsize"));
    expect((await snapshot()).snapshot?.keys).toBe(whole + 1);
    const halfway = () =>
      eventually("some of the keys are there", 60, async () => {
        const held = Number(await cli(redis, "dbsize"));
        return held > 0 && held < whole;
      });
    const killed = load(redis).catch((error: unknown) => error);
    await halfway();
    // Whoever kills must not be meant by its own words.
    const kill =
      'for each in /proc/[0-9]*; do case $(tr "\\0" " " <$each/cmdline) in *redis-entrypoint?load\\ *) kill -9 $(basename $each) ;; esac; done';
    await redis.exec("sh", "-c", kill);
    expect(await killed).toBeInstanceOf(Error);
    const overtaken = load(redis).catch((error: unknown) => error);
    await halfway();
    await load(redis);
    expect(await overtaken).toBeInstanceOf(Error);
    expect(await cli(redis, "dbsize")).toBe(String(whole));
    expect(await cli(redis, "mget", "many:1", `many:${many}`)).toBe(`1\n${many}`);
    expect(await redis.exec("sh", "-c", "cat /proc/[0-9]*/cmdline")).not.toContain("unixsocket:");
  });

  test("Redis is emptied when there is nothing to bring back", async () => {
    await redis.exec("redis-entrypoint", "empty");
    expect(await cli(redis, "dbsize")).toBe("0");
  });

  test("one that is larger than the limit is not taken; it is told, and the database is backed up all the same", async () => {
    await cli(redis, "eval", "for n = 1, 300 do redis.call('set', 'large:' .. n, string.rep(redis.sha1hex(n), 200)) end return 1", "0");
    const kept = await state();
    await startAgent({ REDIS_BACKUP_MAX_MEGABYTES: "1" });
    const filled =
      "for n = 1, 400 do local t = {} for i = 1, 200 do t[i] = redis.sha1hex(n .. ':' .. i) end redis.call('set', 'large:' .. n, table.concat(t)) end return 1";
    await cli(redis, "eval", filled, "0");
    const over = await snapshot();
    expect(over.failure).toBe("its data is larger than 1 MB (backup.redis.maxMegabytes)");
    expect(over.snapshot).toEqual(kept.snapshot);
    await backup();
  });

  test("one that cannot be reached is told, and the database is backed up all the same", async () => {
    expect(await redis.stop(), redis.output).toBe(0);
    expect((await snapshot()).failure).toMatch(/Redis at redis does not answer/);
    await backup();
    redis = await lab.redis("redis", "server");
    await eventually("Redis is ready", 60, async () => (await redis.exec("redis-health", "ready")) !== undefined);
  });

  test("a backup takes one first, a drill finds it whole, and what was current before a restore is not overwritten", async () => {
    await cli(redis, "flushall");
    await cli(redis, "mset", "in", "1", "between", "2", "backups", "3");
    await startAgent({ REDIS_BACKUP_INTERVAL_MINUTES: "60" });
    await eventually("one is taken in between", 60, async () => (await state()).snapshot?.keys === 3);
    await cli(redis, "flushall");
    await cli(redis, "set", "before", "yes");
    const set = await backup();
    const kept = (await state()).snapshot;
    expect(kept?.keys).toBe(1);
    expect(readExamination(await ask("examine", "quick")).redis).toEqual(kept);
    await lab.query(primary, "select ops.beat()");
    await ask("switch-wal");
    const drill = await lab.postgres("drill-1", ["drill", set, "1", "immediate"], { repository: "postgres", scratch: true });
    expect(await drill.ended, drill.output).toBe(0);
    expect(drill.output).toMatch(/"redis", "verdict": "pass"|"what": "redis"/);
    await cli(redis, "set", "after", "yes");
    await agent.exec("sh", "-c", "touch /var/lib/postgresql/data/redis-kept");
    expect(await snapshot()).toMatchObject({ kept: true, snapshot: { keys: 1 } });
    await ask("redis-release");
    expect(await snapshot()).toMatchObject({ kept: false, snapshot: { keys: 2 } });
  });

  test("with Sentinels the master is asked of them, to take and to load, from whichever pod", async () => {
    const names = ["redis-0.pool", "redis-1.pool"];
    const servers = await Promise.all(names.map((name) => lab.redis(name, "server", sentinelEnv(name))));
    await Promise.all(names.map((name) => lab.redis(name, "sentinel", sentinelEnv(name))));
    const [master, other] = servers as [Container, Container];
    replica = other;
    await Promise.all(
      servers.map((server) =>
        eventually(`${server.name} is ready`, 60, async () => (await server.exec("redis-health", "ready")) !== undefined),
      ),
    );
    await cli(master, "set", "kept", "yes");
    const { REDIS_MODE, REDIS_SENTINELS } = sentinelEnv("redis-0.pool");
    await startAgent({ REDIS_HOST: "nobody", REDIS_MODE, REDIS_SENTINELS: `redis-9.pool:26379,${REDIS_SENTINELS}` });
    expect(await snapshot()).toMatchObject({ failure: undefined, snapshot: { keys: 1 } });
    await cli(master, "set", "later", "yes");
    await cli(master, "del", "kept");
    await load(replica);
    expect(await cli(master, "get", "kept")).toBe("yes");
    expect(await cli(master, "exists", "later")).toBe("0");
    await eventually("the replica has it, too", 30, async () => (await cli(replica, "get", "kept")) === "yes");
  });

  test("where Redis is not to be kept any more the snapshot goes, unless it is to be brought back", async () => {
    await agent.exec("sh", "-c", "touch /var/lib/postgresql/data/redis-kept");
    await startAgent({ REDIS_HOST: "" });
    const beats = () => lab.query(primary, "select beats from ops.heartbeat");
    const first = await beats();
    await eventually("the agent has gone round once", 90, async () => Number(await beats()) > Number(first) + 1);
    expect(await state()).toMatchObject({ enabled: false, kept: true, snapshot: { keys: 1 } });
    await ask("redis-release");
    await eventually("the snapshot goes", 90, async () => (await state()).snapshot === undefined);
  });

  test("no output of them holds the password", () => {
    expect(lab.pods.output()).not.toContain(lab.passwords["redis-password"]);
  });
});

/** Arguments and environment of every process of this machine. */
async function processes(): Promise<readonly string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const read = (path: string) => readFile(path, "latin1").catch(() => "");
  return await Promise.all(ids.map(async (id) => `${await read(`/proc/${id}/cmdline`)}\n${await read(`/proc/${id}/environ`)}`));
}
