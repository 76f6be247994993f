import { Problem } from "../../domain/errors/problem.ts";
import type { ScratchDatabase, ScratchDatabases, ScratchPurpose, ScratchState } from "../../ports/scratch-databases.ts";
import { awaitSomething } from "../await-something.ts";
import type { StepContext } from "../run/step.ts";

/** What waiting for a database beside the primary needs. */
export type Waiting = Pick<StepContext, "clock" | "signal" | "view">;

/** Milliseconds that a pod gets to start, that one gets to end, and that a restore gets. */
const [startWithin, endWithin, restoreWithin] = [300_000, 180_000, 6 * 3_600_000];

/** Seconds after which the cluster ends a restore beside the primary that nobody waits for any more. */
export const longestSeconds = restoreWithin / 1000;

/** Bytes of the volume for a database of that size: a fifth more for what replaying writes, and room for WAL and what a server needs to run. */
export function volumeFor(bytes: number): number {
  return Math.ceil(bytes * 1.2) + 2 * 1024 ** 3;
}

/** Removes it with its pod and volume, and waits until nothing is left. */
export async function scratchGone(
  scratch: ScratchDatabases,
  purpose: ScratchPurpose,
  context: Pick<StepContext, "clock" | "signal">,
): Promise<void> {
  await scratch.remove(purpose, context.signal);
  await awaitSomething(`Job/postgres-${purpose} has not gone`, endWithin, context, async () =>
    (await scratch.find(purpose, context.signal)) === undefined ? true : undefined,
  );
}

/** Waits until it runs, or has ended. @throws Problem SCRATCH_UNFIT when it cannot be started */
export async function scratchStarted(
  scratch: ScratchDatabases,
  purpose: ScratchPurpose,
  { clock, signal, view }: Waiting,
): Promise<ScratchDatabase> {
  const end = clock.now().getTime() + startWithin;
  return await awaitSomething(`Job/postgres-${purpose} has no pod that runs`, 2 * startWithin, { clock, signal }, async () => {
    const seen = await scratch.find(purpose, signal);
    if (seen === undefined || seen.phase === "ending") throw lost(purpose);
    if (seen.phase !== "pending") return seen;
    view([`Job/postgres-${purpose} waits${seen.message === undefined ? "" : `: ${seen.message}`}`]);
    if (clock.now().getTime() < end) return undefined;
    throw new Problem("SCRATCH_UNFIT", {
      what: `the pod of Job/postgres-${purpose} has not started within ${startWithin / 60_000} minutes: ${seen.message ?? "the cluster does not say why"}`,
    });
  });
}

/** Waits until the judge gives something of how it stands and what its restore is doing; while nothing in it can be asked that is undefined. */
export async function scratchReached<T>(
  scratch: ScratchDatabases,
  purpose: ScratchPurpose,
  { clock, signal, view }: Waiting,
  judge: (seen: ScratchDatabase, state: ScratchState | undefined) => T | undefined,
): Promise<T> {
  return await awaitSomething("the restore has not come to its end", restoreWithin, { clock, signal }, async () => {
    const seen = await scratch.find(purpose, signal);
    if (seen === undefined || seen.phase === "ending") throw lost(purpose);
    const { pod } = seen;
    const state = seen.phase === "running" && pod !== undefined ? await scratch.state(pod, signal).catch(stillStarting) : undefined;
    if (state !== undefined)
      view([
        `${state.phase}${state.reached === undefined ? "" : `: replayed to ${state.reached.lsn}, ${state.reached.lastCommit ?? "no commit yet"}`}`,
      ]);
    return judge(seen, state);
  });
}

function lost(purpose: ScratchPurpose): Problem {
  return new Problem("SCRATCH_UNFIT", { what: `Job/postgres-${purpose} was deleted while it was waited for` });
}

/** The container runs before anything in it can be asked, and ends after the last answer. */
function stillStarting(error: unknown): undefined {
  if (error instanceof Problem && (error.code === "EXEC_FAILED" || error.code === "BACKUP_HOST_STRANGE")) return undefined;
  throw error;
}
