import { z } from "zod";
import { assertNever } from "../../domain/assert-never.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { RestorePod, RestorePodSpec, RestorePods, RestoreState } from "../../ports/restore-pods.ts";
import { awaitSomething } from "../await-something.ts";
import type { Step, StepContext } from "../run/step.ts";
import type { Reached, RestoreStart } from "./restore-start.ts";
import type { StopDatabaseGive } from "./stop-database.ts";

const reachedSchema = z.object({ lsn: z.string(), lastCommit: z.string().exactOptional() });

/** Where recovery waits. */
export type RecoverGive = { readonly reached: Reached };

/** Milliseconds for the copy and the replay together, and for a pod to end. */
const [recoverWithin, endWithin] = [6 * 3_600_000, 180_000];

/** Restores into a directory of its own beside the data, and replays to the target, where it pauses. */
export function recoverStep(pods: RestorePods): Step<RestoreStart, RestoreStart & StopDatabaseGive, RecoverGive> {
  return {
    id: "recover",
    title: "Restore beside the data and replay to the target",
    describe: ({ id, target }) => ({
      touches: [
        `Pod/postgres-restore-${id}`,
        `a directory of its own on the data volume, from set ${target.set} on timeline ${target.timeline}`,
      ],
      bytes: 0,
      seconds: 60,
      undo: "the directory is thrown away",
    }),
    gives: z.object({ reached: reachedSchema }),
    run: async (start, context) => {
      // A pod that has ended cannot go on; what it has copied stands on the volume, and a new one goes on from there.
      await removeEnded(pods, start.id, context);
      await pods.start(podOf(start), context.signal);
      const reached = await atTarget(pods, start.id, context);
      if (reached === "switched") throw failed("its pod ended before it was told how to go on");
      return { reached };
    },
    undo: async ({ id }, _done, context) => {
      // What waits at its target clears its directory away; a copy that is cut off leaves it marked, for `prune`.
      if (await waits(pods, id, context)) {
        await pods.decide(id, "discard", context.signal);
        await ended(pods, id, context);
      }
      await gone(pods, id, context);
    },
  };
}

/** The pod of a restore; begun again with the same words it goes on from what is on the volume, and ends at once when that is current already. */
function podOf({ id, target }: Pick<RestoreStart, "id" | "target">): RestorePodSpec {
  return {
    id,
    args: ["restore", id, target.set, String(target.timeline), target.type, ...(target.value === undefined ? [] : [target.value])],
  };
}

/** Tells the restore that waits to promote, and waits until the new directory is current. `first` is done while it waits, where it still does. */
export async function promoted(
  pods: RestorePods,
  start: Pick<RestoreStart, "id" | "target">,
  context: StepContext,
  first: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { id } = start;
  // Its pod may have been lost with its node, or removed by a run that was cut off just then.
  if ((await pods.find(id, context.signal))?.phase === "failed") await gone(pods, id, context);
  await pods.start(podOf(start), context.signal);
  if ((await atTarget(pods, id, context)) !== "switched") {
    await first();
    await pods.decide(id, "promote", context.signal);
  }
  const end = await ended(pods, id, context);
  if (end.phase !== "succeeded") throw failed(end.message);
}

/** Runs the image's role in a pod to its end. */
export async function runToEnd(
  pods: RestorePods,
  id: string,
  args: readonly string[],
  context: Pick<StepContext, "clock" | "signal">,
): Promise<void> {
  await removeEnded(pods, id, context);
  await pods.start({ id, args }, context.signal);
  const end = await ended(pods, id, context);
  if (end.phase !== "succeeded") throw failed(end.message);
  await gone(pods, id, context);
}

/** Deletes the pod of a restore, and waits until its volume is free. */
export async function gone(pods: RestorePods, id: string, context: Pick<StepContext, "clock" | "signal">): Promise<void> {
  await pods.remove(id, context.signal);
  await awaitSomething("the restore's pod has not ended", endWithin, context, async () =>
    (await pods.find(id, context.signal)) === undefined ? true : undefined,
  );
}

async function removeEnded(pods: RestorePods, id: string, context: Pick<StepContext, "clock" | "signal">): Promise<void> {
  const pod = await pods.find(id, context.signal);
  if (pod?.phase === "succeeded" || pod?.phase === "failed") await gone(pods, id, context);
}

async function ended(pods: RestorePods, id: string, context: Pick<StepContext, "clock" | "signal">): Promise<RestorePod> {
  return await awaitSomething("the restore has not come to its end", recoverWithin, context, async () => {
    const pod = await pods.find(id, context.signal);
    if (pod === undefined) throw failed("its pod was deleted");
    return pod.phase === "succeeded" || pod.phase === "failed" ? pod : undefined;
  });
}

async function waits(pods: RestorePods, id: string, { signal }: Pick<StepContext, "signal">): Promise<boolean> {
  if ((await pods.find(id, signal))?.phase !== "running") return false;
  return (await pods.state(id, signal).catch(stillStarting))?.phase === "paused";
}

/** Where recovery came to rest; `switched` when the pod has ended because the restored data is current. */
async function atTarget(pods: RestorePods, id: string, context: StepContext): Promise<Reached | "switched"> {
  return await awaitSomething("recovery has not reached its target", recoverWithin, context, async () => {
    const pod = await pods.find(id, context.signal);
    if (pod === undefined) throw failed("its pod was deleted");
    if (pod.phase === "failed") throw failed(pod.message);
    if (pod.phase === "succeeded") return "switched";
    if (pod.phase !== "running") {
      context.view([`Pod/${pod.name} is ${pod.phase}${pod.message === undefined ? "" : `: ${pod.message}`}`]);
      return undefined;
    }
    const state = await pods.state(id, context.signal).catch(stillStarting);
    return state === undefined ? undefined : judged(state, context);
  });
}

/** The container runs before anything in it can be asked, and ends after the last answer. */
function stillStarting(error: unknown): undefined {
  if (error instanceof Problem && (error.code === "EXEC_FAILED" || error.code === "BACKUP_HOST_STRANGE")) return undefined;
  throw error;
}

/** Where recovery came to rest; undefined while it is on its way. */
function judged({ phase, message, reached }: RestoreState, { view }: StepContext): Reached | undefined {
  switch (phase) {
    case "paused":
    case "promoted":
      if (reached === undefined) return undefined;
      return { lsn: reached.lsn, ...(reached.lastCommit === undefined ? {} : { lastCommit: reached.lastCommit }) };
    case "failed":
      throw failed(message);
    case "discarded":
      throw failed("it was thrown away");
    case "starting":
    case "copying":
    case "recovering":
    case "promoting":
    case "switching":
    case "switched":
      view([
        phase === "recovering" && reached !== undefined ? `replayed to ${reached.lsn}, ${reached.lastCommit ?? "no commit yet"}` : phase,
      ]);
      return undefined;
    default:
      return assertNever(phase);
  }
}

function failed(message: string | undefined): Problem {
  return new Problem("RESTORE_FAILED", {
    what: message === undefined || message === "" ? "the restore failed without saying why" : message,
  });
}
