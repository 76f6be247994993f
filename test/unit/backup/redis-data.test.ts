import { describe, expect, it } from "vitest";
import type { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { createRedisData } from "../../../src/adapters/kubernetes/redis-data/redis-data.ts";
import type { ExecTarget, PodExec } from "../../../src/ports/pod-exec.ts";
import { failure } from "../../fakes/failure.ts";

const signal = AbortSignal.timeout(10_000);
const snapshot = { asOf: "2026-11-23T14:00:03Z", version: "7.0.15", keys: 2, bytes: 4_000_000, sha256: "0".repeat(64) };

/** How the program that loads ends, and after how many bytes. */
interface Loading {
  readonly code: number;
  readonly reads: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** A database that gives `gives` bytes, and pods of Redis of which those named are ready. */
function redisOf(loading: Loading, { gives = snapshot.bytes, ready = ["redis-1", "redis-2"] } = {}) {
  const ran: (readonly [ExecTarget["pod"], ...string[]])[] = [];
  const pods = ["redis-2", "redis-1", "redis-0"].map((name) => ({
    metadata: { name },
    status: { containerStatuses: [{ name: "redis", ready: ready.includes(name) }] },
  }));
  const primary = {
    metadata: { name: "postgres-0", labels: { "app.kubernetes.io/component": "postgres" } },
    status: { containerStatuses: [{ name: "backup-agent", state: { running: {} } }] },
  };
  const client = {
    async *list(_path: string, schema: { parse: (value: unknown) => unknown }, _signal: AbortSignal, query: { labelSelector: string }) {
      for (const pod of query.labelSelector.includes("=redis") ? pods : [primary]) yield schema.parse(pod);
    },
  } as unknown as ApiClient;
  let waiting = 0;
  let most = 0;
  const exec: PodExec = {
    attach: async () => Promise.reject(new Error("nobody sits before it")),
    async run(target, argv) {
      ran.push([target.pod, ...argv]);
      return { code: loading.code, stdout: loading.stdout ?? "", stderr: loading.stderr ?? "" };
    },
    async stream(target, argv, streams, _limits, running) {
      ran.push([target.pod, ...argv]);
      if (streams.stdin === undefined) {
        for (let sent = 0; sent < gives; sent += 100_000) {
          running.throwIfAborted();
          waiting += 100_000;
          most = Math.max(most, waiting);
          await streams.stdout(Buffer.alloc(100_000));
        }
        return { code: 0, stderr: "" };
      }
      let got = 0;
      if (loading.reads > 0)
        for await (const piece of streams.stdin) {
          got += piece.length;
          waiting -= piece.length;
          await new Promise((resolve) => setImmediate(resolve));
          if (got >= loading.reads) break;
        }
      await streams.stdout(Buffer.from(loading.stdout ?? ""));
      return { code: loading.code, stderr: loading.stderr ?? "" };
    },
  };
  const data = createRedisData(client, exec, { release: "shop", namespace: "shop" });
  return { data, ran, most: () => most };
}

const loaded = '{"loaded":{"keys":2}}\n';
const died = (message: string) => JSON.stringify({ time: "", level: "error", component: "redis-load", message });

describe("Redis' data", () => {
  it("comes from the database's pod, no faster than the first ready pod of Redis takes it", async () => {
    const { data, ran, most } = redisOf({ code: 0, reads: snapshot.bytes, stdout: loaded });
    expect(await data.load(snapshot, signal)).toBe(2);
    expect(ran).toEqual([
      ["postgres-0", "postgres-entrypoint", "redis-rdb"],
      ["redis-1", "redis-entrypoint", "load", "4000000", snapshot.sha256],
    ]);
    expect(most()).toBeLessThan(500_000);
  });

  it("is refused in words of the image, also before all of it was read", async () => {
    const noRoom = { code: 69, reads: 0, stderr: `something else\n${died("the snapshot needs 300 MiB of memory")}\n` };
    expect(await failure(redisOf(noRoom).data.load(snapshot, signal))).toMatchObject({
      code: "REDIS_NO_ROOM",
      message: expect.stringContaining("the snapshot needs 300 MiB of memory"),
      fix: expect.stringContaining("--redis keep"),
    });
    const damaged = { code: 65, reads: snapshot.bytes, stderr: died("its checksum is another") };
    expect(await failure(redisOf(damaged).data.load(snapshot, signal))).toMatchObject({ code: "REDIS_NOT_LOADED" });
  });

  it("that the database does not give whole is not waited for", async () => {
    const waits = redisOf({ code: 0, reads: Number.POSITIVE_INFINITY }, { gives: 300_000 });
    expect(await failure(waits.data.load(snapshot, signal))).toMatchObject({
      code: "REDIS_NOT_LOADED",
      message: expect.stringContaining("of the snapshot's 4000000 bytes the database gave 300000"),
    });
  });

  it("needs a pod of Redis that is ready", async () => {
    const down = redisOf({ code: 0, reads: 0 }, { ready: [] });
    expect(await failure(down.data.empty(signal))).toMatchObject({ message: expect.stringContaining("no pod of Redis is ready") });
  });

  it("is emptied", async () => {
    const { data, ran } = redisOf({ code: 0, reads: 0, stdout: '{"loaded":{"keys":0}}\n' });
    expect(await data.empty(signal)).toBe(0);
    expect(ran).toEqual([["redis-1", "redis-entrypoint", "empty"]]);
    expect(await failure(redisOf({ code: 75, reads: 0, stderr: died("no Sentinel") }).data.empty(signal))).toMatchObject({
      message: expect.stringContaining("no Sentinel"),
    });
  });
});
