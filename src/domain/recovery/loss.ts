import { lastBefore } from "./commits.ts";
import { type Instant, secondsBetween } from "./instant.ts";
import { type Lsn, lsnOf } from "./lsn.ts";
import { type Path, pathTo } from "./path.ts";
import type { Reach, RecoveryFacts } from "./reach.ts";

/** The span of what is now in the database and will not be afterwards. */
export interface Loss {
  /** Commits later than this one are lost; earlier ones stay. */
  readonly after: Instant;
  readonly until: Instant;
  readonly seconds: number;
}

/**
 * What a recovery to this time of a reach loses of the living history. On that history: what was written since. On an abandoned one: what
 * the living history wrote since the two parted.
 */
export function lossOf(reach: Reach, at: Instant, facts: RecoveryFacts, now: Instant): Loss {
  const living = pathTo(facts.archive, facts.living);
  const parting = living === undefined ? undefined : partingOf(reach.path, living);
  const shared = parting === undefined ? undefined : lastBefore(reach.commits, parting);
  const after = shared === undefined || shared.at > at ? at : shared.at;
  return { after, until: now, seconds: secondsBetween(after, now) };
}

/** Where two histories part; undefined when one is the whole of the other. */
function partingOf(path: Path, living: Path): Lsn | undefined {
  const index = path.findIndex((stretch, place) => stretch.timeline !== living[place]?.timeline || stretch.until !== living[place]?.until);
  const [one, other] = [path[index], living[index]];
  if (one === undefined) return undefined;
  if (one.timeline !== other?.timeline) return one.from;
  const ends = [one.until, other.until].filter((end) => end !== undefined);
  return lsnOf(ends.reduce((least, end) => (end < least ? end : least)));
}
