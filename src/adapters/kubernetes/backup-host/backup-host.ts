import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import { vital } from "../../../domain/facts/rights.ts";
import type { RedisKeeping } from "../../../domain/recovery/redis-snapshot.ts";
import type { BackupHost, SegmentQuestion } from "../../../ports/backup-host.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ExecEnded, ExecTarget, PodExec } from "../../../ports/pod-exec.ts";
import type { ApiClient } from "../api-client.ts";
import { problemOf } from "../api-errors.ts";
import { execRights } from "../exec/pod-exec.ts";
import {
  readAsked,
  readCommits,
  readConnections,
  readDrills,
  readInspection,
  readPoint,
  readPoints,
  readPrimary,
  readState,
  readSwitched,
  readVolume,
} from "./answers.ts";
import { examineDeadlines, readExamination } from "./examination-answer.ts";
import { readRedisKeeping } from "./redis-answer.ts";

/** The rights that every method uses. */
export const backupHostRights = [...vital("find the database's pod", "list pods"), ...execRights];

/** Where pgBackRest can be run: beside the primary, or in the pod that stands in for it while the volume of the data is lost. Component, container. */
const hosts: readonly (readonly [string, string])[] = [
  ["postgres", "backup-agent"],
  ["postgres-repository", "postgres"],
];

/** Milliseconds for a question that reads a catalogue, for one segment of WAL, for deleting data, and for reading a whole repository again. */
const [askDeadline, segmentDeadline, pruneDeadline, verifyDeadline] = [120_000, 60_000, 1_800_000, 12 * 3_600_000];

/** Milliseconds that an annotation may wait for a backup that is being made. */
const annotateDeadline = 4 * 3_600_000;

/** Exit status of an image that does not know what it is asked. */
const unknownRole = 64;

/** Segments that one run reads. */
const segmentsAtOnce = 16;

const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().nullish(),
  }),
  status: z
    .object({
      containerStatuses: z
        .array(z.object({ name: z.string(), state: z.object({ running: z.unknown().optional() }).default({}) }))
        .default([]),
    })
    .default({ containerStatuses: [] }),
});

/** pgBackRest in the pod of a release's primary, through the API server. The pod is looked for at every call: it may have been replaced. */
export function createBackupHost(client: ApiClient, exec: PodExec, scope: ReleaseScope): BackupHost {
  const ask = async (args: readonly string[], signal: AbortSignal, deadline = askDeadline): Promise<ExecEnded> =>
    exec.run(await backupPod(client, scope, signal), ["postgres-entrypoint", ...args], { deadline }, signal);
  const succeed = async (args: readonly string[], signal: AbortSignal, deadline?: number): Promise<string> =>
    succeeded(args, await ask(args, signal, deadline));
  const keeping = async (args: readonly string[], signal: AbortSignal): Promise<RedisKeeping | undefined> => {
    const ended = await ask(args, signal);
    return ended.code === unknownRole ? undefined : readRedisKeeping(succeeded(args, ended));
  };
  return {
    ask: async (type, asker, signal) => readAsked(await succeed(["ask-backup", type, asker], signal)),
    state: async (id, signal) => readState(await succeed(["backup-state", String(id)], signal)),
    inspect: async (signal) => readInspection(await succeed(["inspect"], signal)),
    primary: async (signal) => {
      const ended = await ask(["primary-state"], signal);
      return ended.code === unknownRole ? undefined : readPrimary(succeeded(["primary-state"], ended));
    },
    async commits(segments, signal) {
      const found = [];
      for (let first = 0; first < segments.length; first += segmentsAtOnce) {
        const some = segments.slice(first, first + segmentsAtOnce).map(questionOf);
        found.push(...readCommits(await succeed(["commits", ...some], signal, segmentDeadline * some.length)));
      }
      return found;
    },
    createPoint: async (name, signal) => readPoint(await succeed(["restore-point", name], signal)),
    annotate: async (label, annotation, signal) => void (await succeed(["annotate", label, annotation], signal, annotateDeadline)),
    pointsIn: async (path, signal) => readPoints(await succeed(["restore-points", path], signal)),
    // Its exit status says nothing; what it found stands in the text.
    verify: async (signal) => (await ask(["verify"], signal, verifyDeadline)).stdout,
    examine: async (depth, signal) => readExamination(await succeed(["examine", depth], signal, examineDeadlines[depth])),
    drills: async (signal) => readDrills(await succeed(["drills"], signal)),
    volume: async (signal) => readVolume(await succeed(["volumes"], signal)),
    prune: async (signal) => void (await succeed(["prune-restores"], signal, pruneDeadline)),
    endConnections: async (signal) => readConnections(await succeed(["end-connections"], signal)),
    redis: (signal) => keeping(["redis-state"], signal),
    takeRedis: (signal) => keeping(["redis-snapshot", "new"], signal),
    releaseRedis: async (signal) => void (await succeed(["redis-release"], signal)),
    switchWal: async (signal) => readSwitched(await succeed(["switch-wal"], signal)),
  };
}

/** As `commits` of the image takes it. */
function questionOf({ path, around, until }: SegmentQuestion): string {
  return [path, ...around, ...(until === undefined ? [] : [`=${until}`])].join("@");
}

/** The container in which pgBackRest can be run. @throws Problem BACKUP_HOST_MISSING, CLUSTER_* */
export async function backupPod(client: ApiClient, { release, namespace }: ReleaseScope, signal: AbortSignal): Promise<ExecTarget> {
  const components = hosts.map(([component]) => component).join(",");
  const labelSelector = `app.kubernetes.io/instance=${release},app.kubernetes.io/component in (${components})`;
  const pods: z.infer<typeof podSchema>[] = [];
  try {
    for await (const pod of client.list(`/api/v1/namespaces/${namespace}/pods`, podSchema, signal, { labelSelector })) pods.push(pod);
  } catch (error) {
    throw problemOf(error, "looking for the database's pod");
  }
  const found = hosts.flatMap(([component, container]) =>
    pods
      .filter((pod) => pod.metadata.labels["app.kubernetes.io/component"] === component && runs(pod, container))
      .map((pod) => ({ pod, container })),
  )[0];
  if (found !== undefined) return { namespace, pod: found.pod.metadata.name, container: found.container };
  throw new Problem("BACKUP_HOST_MISSING", {
    what:
      pods.length === 0
        ? `release ${release} has no pod of Postgres in namespace ${namespace}`
        : `container ${hosts[0]?.[1]} does not run in ${pods.map(({ metadata }) => metadata.name).join(", ")} (namespace ${namespace})`,
  });
}

function runs({ metadata, status }: z.infer<typeof podSchema>, container: string): boolean {
  return (
    metadata.deletionTimestamp == null && status.containerStatuses.some(({ name, state }) => name === container && state.running != null)
  );
}

/** What a run printed. @throws Problem BACKUP_HOST_STRANGE when it ended badly */
function succeeded([role]: readonly string[], { code, stdout, stderr }: ExecEnded): string {
  if (code === 0) return stdout;
  throw new Problem("BACKUP_HOST_STRANGE", {
    what: `postgres-entrypoint ${role} in the database's pod ended with ${code}: ${lastLine(stderr) || lastLine(stdout) || "no reason given"}`,
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 500) ?? "";
}
