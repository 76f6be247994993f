import type { Place, Strike } from "./rounds.ts";
import type { WatchedRun } from "./watched-run.ts";

/** Milliseconds that actions usually take on this sandbox; a random share of them is waited inside of the action, never longer than it runs. */
const usual: Readonly<Record<string, number>> = {
  push: 2_500,
  secrets: 120,
  "restore-point": 8_000,
  apply: 2_500,
  rollout: 22_000,
  smoke: 2_500,
  drain: 8_000,
  "helm-uninstall": 3_000,
  "delete-claims": 2_000,
};

/** Milliseconds of an action that is one question or one write. */
const short = 15;

/** Waits for the place in the run; `ended` when the run came to its end before. */
export async function reach(run: WatchedRun, { action, moment, depth }: Place): Promise<"so" | "ended"> {
  const stateOf = (id: string) => run.journal()?.entries.find((entry) => entry.id === id)?.state;
  const isOver = (id: string) => stateOf(id) === "done" || stateOf(id) === "failed";
  // What an earlier run has done is `done` in the journal from the start; waiting for the plan tells where the action stands in it.
  if ((await run.until(() => run.plan() !== undefined)) === "ended") return "ended";
  if (moment === "before") {
    const actions = run.plan()?.actions.map(({ id }) => id) ?? [];
    const previous = actions[actions.indexOf(action) - 1];
    return previous === undefined ? "so" : await run.until(() => isOver(previous));
  }
  if (moment === "after") {
    const reached = await run.until(() => isOver(action));
    return reached === "ended" ? "ended" : await linger(run, depth * short, () => false);
  }
  const reached = await run.until(() => stateOf(action) === "running" || isOver(action));
  return reached === "ended" ? "ended" : await linger(run, depth * (usual[action] ?? short), () => isOver(action));
}

/** Waits for the place and sends the signal there; tells whether it was sent to a process that still ran. */
export async function struck(run: WatchedRun, { place, signal, reach: whom }: Strike): Promise<boolean> {
  if ((await reach(run, place)) === "ended") return false;
  run.send(signal, whom);
  return true;
}

/** Lets the action go on for that many milliseconds, or until it is over. */
function linger(run: WatchedRun, milliseconds: number, isOver: () => boolean): Promise<"so" | "ended"> {
  const end = performance.now() + milliseconds;
  return run.until(() => performance.now() >= end || isOver());
}
