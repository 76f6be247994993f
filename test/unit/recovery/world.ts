import { Problem } from "../../../src/domain/errors/problem.ts";
import { readArchive } from "../../../src/domain/recovery/archive.ts";
import type { CommitMoment } from "../../../src/domain/recovery/commits.ts";
import { type Instant, instantOf } from "../../../src/domain/recovery/instant.ts";
import { parseLsn, segmentAt, segmentBefore } from "../../../src/domain/recovery/lsn.ts";
import { consistentAt } from "../../../src/domain/recovery/reach.ts";
import { usableSets } from "../../../src/domain/recovery/repository-checks.ts";
import { resolveTarget } from "../../../src/domain/recovery/resolve.ts";
import type { ResolveContext, ResolvedTarget } from "../../../src/domain/recovery/resolved.ts";
import type { RecoveryTarget } from "../../../src/domain/recovery/target.ts";
import { parseTime } from "../../../src/domain/recovery/time.ts";
import { surveyRecovery } from "../../../src/domain/recovery/windows.ts";
import { Dice } from "../../campaign/dice.ts";
import { commitsOf, type History, liveHistory, segmentBytes, type Written } from "./histories.ts";
import { type Replay, replaysOf, stoppedAt, stoppedAtLsn } from "./replay.ts";

export interface World {
  readonly history: History;
  readonly context: ResolveContext;
  readonly replays: readonly Replay[];
  readonly moments: readonly Instant[];
}

/** `sparse` keeps the first and the last commit of each segment, which is what a quick look into the archive brings. */
export function worldOf(seed: number, sparse: boolean): World {
  const history = liveHistory(seed);
  const { files, histories, sets, living, now, segments } = history;
  const archive = readArchive({ files, histories, databaseId: 1, version: "17", segmentBytes });
  const moments = [...segments].flatMap(([key, commits]): readonly CommitMoment[] => {
    const timeline = Number(key.split("/")[0]);
    const whole = commits.filter(({ lsn, end }) => segmentAt(lsn, segmentBytes) === segmentBefore(end, segmentBytes));
    const kept = sparse ? whole.filter((_, index) => index === 0 || index === whole.length - 1) : whole;
    return kept.map(({ lsn, at }) => ({ timeline, lsn, at }));
  });
  const survey = surveyRecovery({ sets: usableSets({ sets }, 1), archive, moments, living });
  const repository = {
    stanza: "main",
    status: { code: 0, message: "ok" },
    cipher: "none",
    databases: [{ id: 1, systemId: "1", version: "17" }],
    sets,
    restorePoints: [],
    withoutWal: [],
  };
  return {
    history,
    context: { survey, repository, restorePoints: [], now },
    replays: replaysOf(history, usableSets({ sets }, 1)),
    moments: momentsToTry(history, new Dice(seed, "moments")),
  };
}

function momentsToTry({ timelines, now }: History, dice: Dice): readonly Instant[] {
  const commits = timelines.flatMap((one) => one.commits);
  const [first, last] = [commits[0]?.at ?? now, now];
  const anywhere = Array.from({ length: 20 }, () =>
    instantOf(first - 5_000_000n + BigInt(Math.floor(dice.fraction() * Number(last - first + 8_000_000n)))),
  );
  const near = dice
    .shuffled(commits)
    .slice(0, 12)
    .flatMap(({ at }) => [instantOf(at - 1n), at, instantOf(at + 1n)]);
  return [...anywhere, ...near];
}

export function attempt(target: RecoveryTarget, context: ResolveContext): ResolvedTarget | Problem {
  try {
    return resolveTarget(target, context);
  } catch (error) {
    if (error instanceof Problem && (error.code === "RECOVERY_OUT_OF_WINDOW" || error.code === "WAL_MISSING")) return error;
    throw new Error(
      `${JSON.stringify(target, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))} along ${context.timeline}: ${error}`,
      { cause: error },
    );
  }
}

/** The state that restoring so would bring, told by its commits; a string says why it would not come to stand. */
export function carriedOut(world: World, found: ResolvedTarget): readonly string[] | string {
  const replay = world.replays.find((one) => one.set.label === found.set.label && one.timeline === found.timeline);
  if (replay === undefined) return "does not start";
  switch (found.type) {
    case "time":
      return stateOf(world, replay, stoppedAt(replay, parseTime(found.target ?? "", "UTC")));
    case "immediate":
      return stateOf(world, replay, replay.consistent ? replay.records.filter(({ lsn }) => lsn < found.set.stopLsn) : undefined);
    default:
      return stateOf(world, replay, stoppedAtLsn(replay, parseLsn(found.target ?? "") ?? found.lsn));
  }
}

export function stateOf({ history }: World, { set }: Replay, replayed: readonly Written[] | undefined): readonly string[] | string {
  if (replayed === undefined) return "does not stop at the target";
  return names([...commitsOf(history.timelines, set.timeline).filter(({ lsn }) => lsn < set.startLsn), ...replayed]);
}

/** What the database held at that moment: replayed from the very beginning, with nothing lost. */
export function truth({ timelines }: History, timeline: number, at: Instant): readonly string[] {
  const commits = commitsOf(timelines, timeline);
  const stop = commits.findIndex((commit) => commit.at > at);
  return names(stop === -1 ? commits : commits.slice(0, stop));
}

export function names(commits: readonly Written[]): readonly string[] {
  return commits.map(({ timeline, lsn }) => `${timeline}:${lsn}`);
}

/** The timeline that was written at that moment, as it was lived; undefined before, between and after. */
export function livedAt({ timelines, sets }: History, at: Instant): number | undefined {
  const lived = timelines.map(({ id, commits }) => {
    const own = sets.filter(({ timeline }) => timeline === id);
    const times = [...commits.map((commit) => commit.at), ...own.flatMap((set) => [set.finishedAt, consistentAt(set)])];
    return { id, times };
  });
  return lived.findLast(({ times }) => times.some((one) => one <= at) && times.some((one) => one >= at))?.id;
}

/** True when a restore came to stand, with these commits. */
export const same = (a: readonly string[] | string, b: readonly string[]): boolean => typeof a !== "string" && a.join() === b.join();

/**
 * True when the state is what the timeline held at that moment. The last commit of an archive is named by its LSN: where another stands
 * before it in the log with a slightly later time, and is not known, that comes with it.
 */
export function asItWas(world: World, found: ResolvedTarget, timeline: number, at: Instant): boolean {
  const state = carriedOut(world, found);
  if (same(state, truth(world.history, timeline, at))) return true;
  const upTo = commitsOf(world.history.timelines, timeline).filter(({ lsn }) => lsn <= found.lsn);
  return found.type === "lsn" && same(state, names(upTo)) && upTo.every((commit) => commit.at <= at + 3000n);
}

/** True for a commit that can be read from one segment alone, which is how commits become known. */
export function whole({ lsn, end }: Written): boolean {
  return segmentAt(lsn, segmentBytes) === segmentBefore(end, segmentBytes);
}
