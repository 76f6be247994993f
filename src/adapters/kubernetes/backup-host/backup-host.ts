import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import { vital } from "../../../domain/facts/rights.ts";
import type { BackupHost } from "../../../ports/backup-host.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ExecEnded, ExecTarget, PodExec } from "../../../ports/pod-exec.ts";
import type { ApiClient } from "../api-client.ts";
import { problemOf } from "../api-errors.ts";
import { execRights } from "../exec/pod-exec.ts";
import { readAsked, readCommits, readInspection, readState, readSwitched, readVolume } from "./answers.ts";

/** The rights that every method uses. */
export const backupHostRights = [...vital("find the database's pod", "list pods"), ...execRights];

/** Component of the pods of the primary, and its container in which pgBackRest can be run. */
const [component, container] = ["postgres", "backup-agent"];

/** Milliseconds for a question that reads a catalogue, for one segment of WAL, for deleting data, and for reading a whole repository again. */
const [askDeadline, segmentDeadline, pruneDeadline, verifyDeadline] = [120_000, 60_000, 1_800_000, 12 * 3_600_000];

/** Segments that one run reads. */
const segmentsAtOnce = 16;

const podSchema = z.object({
  metadata: z.object({ name: z.string(), deletionTimestamp: z.string().nullish() }),
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
  const succeed = async (args: readonly string[], signal: AbortSignal, deadline?: number): Promise<string> => {
    const { code, stdout, stderr } = await ask(args, signal, deadline);
    if (code === 0) return stdout;
    throw new Problem("BACKUP_HOST_STRANGE", {
      what: `postgres-entrypoint ${args[0]} in the database's pod ended with ${code}: ${lastLine(stderr) || lastLine(stdout) || "no reason given"}`,
    });
  };
  return {
    ask: async (type, asker, signal) => readAsked(await succeed(["ask-backup", type, asker], signal)),
    state: async (id, signal) => readState(await succeed(["backup-state", String(id)], signal)),
    inspect: async (signal) => readInspection(await succeed(["inspect"], signal)),
    async commits(segments, signal) {
      const found = [];
      for (let first = 0; first < segments.length; first += segmentsAtOnce) {
        const some = segments.slice(first, first + segmentsAtOnce).map(({ path, around }) => [path, ...around].join("@"));
        found.push(...readCommits(await succeed(["commits", ...some], signal, segmentDeadline * some.length)));
      }
      return found;
    },
    // Its exit status says nothing; what it found stands in the text.
    verify: async (signal) => (await ask(["verify"], signal, verifyDeadline)).stdout,
    volume: async (signal) => readVolume(await succeed(["volumes"], signal)),
    prune: async (signal) => void (await succeed(["prune-restores"], signal, pruneDeadline)),
    switchWal: async (signal) => readSwitched(await succeed(["switch-wal"], signal)),
  };
}

/** The container in which pgBackRest can be run. @throws Problem BACKUP_HOST_MISSING, CLUSTER_* */
export async function backupPod(client: ApiClient, { release, namespace }: ReleaseScope, signal: AbortSignal): Promise<ExecTarget> {
  const labelSelector = `app.kubernetes.io/instance=${release},app.kubernetes.io/component=${component}`;
  const seen: string[] = [];
  try {
    for await (const pod of client.list(`/api/v1/namespaces/${namespace}/pods`, podSchema, signal, { labelSelector })) {
      const running = pod.status.containerStatuses.some(({ name, state }) => name === container && state.running != null);
      if (running && pod.metadata.deletionTimestamp == null) return { namespace, pod: pod.metadata.name, container };
      seen.push(pod.metadata.name);
    }
  } catch (error) {
    throw problemOf(error, "looking for the database's pod");
  }
  throw new Problem("BACKUP_HOST_MISSING", {
    what:
      seen.length === 0
        ? `release ${release} has no pod of Postgres in namespace ${namespace}`
        : `container ${container} does not run in ${seen.join(", ")} (namespace ${namespace})`,
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 500) ?? "";
}
