import { once } from "node:events";
import { PassThrough } from "node:stream";
import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import { vital } from "../../../domain/facts/rights.ts";
import type { RedisSnapshot } from "../../../domain/recovery/redis-snapshot.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ExecTarget, PodExec } from "../../../ports/pod-exec.ts";
import type { RedisData } from "../../../ports/redis-data.ts";
import { parseJson } from "../../parse-json.ts";
import type { ApiClient } from "../api-client.ts";
import { problemOf } from "../api-errors.ts";
import { documentsOf, reading } from "../backup-host/answers.ts";
import { backupPod } from "../backup-host/backup-host.ts";
import { execRights } from "../exec/pod-exec.ts";

/** The rights that every method uses. */
export const redisDataRights = [...vital("find the pods of Redis and of the database", "list pods"), ...execRights];

/** Milliseconds for bringing and loading a snapshot, and for emptying Redis. */
const [loadDeadline, emptyDeadline] = [1_800_000, 120_000];

/** Component and container of Redis' pods. */
const redis = "redis";

/** Exit status of the image's role: the snapshot does not fit into the container's memory. */
const noRoom = 69;

const podSchema = z.object({
  metadata: z.object({ name: z.string(), deletionTimestamp: z.string().nullish() }),
  status: z
    .object({ containerStatuses: z.array(z.object({ name: z.string(), ready: z.boolean().default(false) })).default([]) })
    .default({ containerStatuses: [] }),
});

/** Redis of a release, through a pod of it and the API server, by the roles of the image (docs/reference/image-contract.md). */
export function createRedisData(client: ApiClient, exec: PodExec, scope: ReleaseScope): RedisData {
  return {
    async load(snapshot, signal) {
      const [from, into] = [await backupPod(client, scope, signal), await redisPod(client, scope, signal)];
      return await carry(exec, { from, into, snapshot }, signal);
    },
    async empty(signal) {
      const target = await redisPod(client, scope, signal);
      const ended = await exec.run(target, ["redis-entrypoint", "empty"], { deadline: emptyDeadline }, signal);
      return keysOf(ended);
    },
  };
}

/** Passes the bytes on as they come, no faster than they are taken. */
async function carry(
  exec: PodExec,
  { from, into, snapshot }: { readonly from: ExecTarget; readonly into: ExecTarget; readonly snapshot: RedisSnapshot },
  signal: AbortSignal,
): Promise<number> {
  const stop = new AbortController();
  const running = AbortSignal.any([signal, stop.signal]);
  const bytes = new PassThrough();
  let got = 0;
  const take = async (piece: Buffer): Promise<void> => {
    got += piece.length;
    if (!bytes.write(piece)) await once(bytes, "drain", { signal: running });
  };
  const sent = exec.stream(from, ["postgres-entrypoint", "redis-rdb"], { stdout: take }, { deadline: loadDeadline }, running).then(() => {
    // What reads would wait for the rest.
    if (got !== snapshot.bytes)
      throw new Problem("REDIS_NOT_LOADED", { what: `of the snapshot's ${snapshot.bytes} bytes the database gave ${got}` });
    bytes.end();
  });
  const answer: Buffer[] = [];
  const stdout = async (piece: Buffer): Promise<void> => void answer.push(piece);
  const argv = ["redis-entrypoint", "load", String(snapshot.bytes), snapshot.sha256];
  const loaded = exec.stream(into, argv, { stdin: bytes, stdout }, { deadline: loadDeadline }, running);
  try {
    // What reads ends by itself once it has all bytes: its word counts, unless what sends has failed before.
    const [ended] = await Promise.all([loaded, Promise.race([sent, loaded])]);
    return keysOf({ ...ended, stdout: Buffer.concat(answer).toString("utf8") });
  } finally {
    stop.abort(new Problem("REDIS_NOT_LOADED", { what: "loading has ended" }));
    bytes.destroy();
    await Promise.allSettled([sent, loaded]);
  }
}

/** The first pod by name that is ready, so that one that goes on from an interruption meets what is left of it. @throws Problem REDIS_NOT_LOADED */
async function redisPod(client: ApiClient, { release, namespace }: ReleaseScope, signal: AbortSignal): Promise<ExecTarget> {
  const labelSelector = `app.kubernetes.io/instance=${release},app.kubernetes.io/component=${redis}`;
  const pods: z.infer<typeof podSchema>[] = [];
  try {
    for await (const pod of client.list(`/api/v1/namespaces/${namespace}/pods`, podSchema, signal, { labelSelector })) pods.push(pod);
  } catch (error) {
    throw problemOf(error, "looking for the pods of Redis");
  }
  const [first] = pods
    .filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp == null && status.containerStatuses.some(({ name, ready }) => name === redis && ready),
    )
    .map(({ metadata }) => metadata.name)
    .toSorted();
  if (first !== undefined) return { namespace, pod: first, container: redis };
  throw new Problem("REDIS_NOT_LOADED", { what: `no pod of Redis is ready (release ${release}, namespace ${namespace})` });
}

const loadedSchema = z.object({ keys: z.int().nonnegative() });

function keysOf({ code, stdout, stderr }: { readonly code: number; readonly stdout: string; readonly stderr: string }): number {
  if (code !== 0) throw new Problem(code === noRoom ? "REDIS_NO_ROOM" : "REDIS_NOT_LOADED", { what: lastWords(stderr) });
  return reading("what Redis holds", () => {
    const [found] = documentsOf(stdout)("loaded", loadedSchema);
    if (found === undefined) throw new TypeError("it does not tell its keys");
    return found.keys;
  });
}

const logSchema = z.object({ message: z.string() });

/** The last message of the image's log, which is one JSON object a line. */
function lastWords(stderr: string): string {
  const last = stderr.trim().split("\n").at(-1) ?? "";
  const logged = logSchema.safeParse(parseJson(last));
  return logged.success ? logged.data.message : last.slice(0, 500) || "it ended without saying why";
}
