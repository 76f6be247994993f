import type { ArchiveFile } from "../../../src/domain/recovery/archive-files.ts";
import { type Instant, instantOf, second } from "../../../src/domain/recovery/instant.ts";
import { firstLsn, formatLsn, type Lsn, lsnOf, segmentAt, segmentBefore, segmentName } from "../../../src/domain/recovery/lsn.ts";
import type { BackupSet } from "../../../src/domain/recovery/repository.ts";
import { Dice } from "../../campaign/dice.ts";

/** Smallest that Postgres takes. */
export const segmentBytes = 1024 ** 2;

/** A commit as it stands in the log. */
export interface Written {
  readonly timeline: number;
  readonly lsn: Lsn;
  readonly end: Lsn;
  readonly at: Instant;
}

/** A timeline as it was lived. */
export interface Lived {
  readonly id: number;
  /** The timelines before it and where each was left. */
  readonly forks: readonly { readonly timeline: number; readonly lsn: Lsn }[];
  readonly begin: Lsn;
  end: Lsn;
  readonly commits: Written[];
}

/** A database's life: what was written, what was backed up, which files of the archive survived. */
export interface History {
  readonly timelines: readonly Lived[];
  readonly sets: readonly BackupSet[];
  /** Files that can be fetched, by `timeline/segment`, with the commits whose records begin in them. */
  readonly segments: ReadonlyMap<string, readonly Written[]>;
  readonly files: readonly ArchiveFile[];
  readonly histories: Readonly<Record<string, string>>;
  readonly living: number;
  readonly now: Instant;
}

/** Lives through writes, backups, restores and failovers, and loses some files; the same for the same seed. */
export function liveHistory(seed: number): History {
  const dice = new Dice(seed, "history");
  const life = new Life(dice);
  const steps = dice.between(10, 40);
  for (let step = 0; step < steps; step++) {
    const roll = dice.fraction();
    if (roll < 0.5) life.write(dice.between(1, 6));
    else if (roll < 0.65) life.switchSegment();
    else if (roll < 0.85 || life.sets.length === 0) life.backup();
    else if (roll < 0.96) life.restore();
    else life.failOver();
  }
  life.write(2);
  return archived(life, new Dice(seed, "archive"));
}

class Life {
  readonly timelines: Lived[] = [{ id: 1, forks: [], begin: lsnOf(0n), end: firstLsn(1, segmentBytes), commits: [] }];
  readonly sets: BackupSet[] = [];
  clock: Instant = instantOf(1_790_000_000n * second);
  private readonly dice: Dice;

  constructor(dice: Dice) {
    this.dice = dice;
  }

  get current(): Lived {
    const last = this.timelines.at(-1);
    if (last === undefined) throw new RangeError("no timeline");
    return last;
  }

  write(count: number): void {
    for (let index = 0; index < count; index++) {
      this.pass(this.dice.chance(0.3) ? this.dice.between(1, 400_000) : this.dice.between(1, 40_000_000));
      const [lsn, end] = [this.current.end, lsnOf(this.current.end + BigInt(this.dice.between(40, 150_000)))];
      // Two commits at once may stand in the log in the other order than their times.
      const crosses = segmentAt(lsn, segmentBytes) !== segmentBefore(end, segmentBytes);
      const at = !crosses && this.dice.chance(0.1) ? instantOf(this.clock - BigInt(this.dice.between(1, 3000))) : this.clock;
      this.current.commits.push({ timeline: this.current.id, lsn, end, at });
      this.current.end = end;
    }
  }

  switchSegment(): void {
    this.current.end = firstLsn(segmentAt(this.current.end, segmentBytes) + 1, segmentBytes);
  }

  backup(): void {
    this.switchSegment();
    const startLsn = lsnOf(this.current.end + 0x28n);
    const startedAt = this.clock;
    this.current.end = lsnOf(startLsn + 0x58n);
    this.write(this.dice.between(0, 3));
    const stopLsn = lsnOf(this.current.end + 0xa0n);
    this.current.end = stopLsn;
    this.pass(this.dice.between(1, 900_000));
    const finished = this.clock / second;
    if (this.dice.chance(0.6)) this.switchSegment();
    const prior = this.sets.at(-1);
    const full = prior === undefined || this.dice.chance(0.4);
    const name = (lsn: Lsn, at: typeof segmentAt): string =>
      segmentName({ timeline: this.current.id, number: at(lsn, segmentBytes) }, segmentBytes);
    this.sets.push({
      label: `set-${String(this.sets.length + 1).padStart(2, "0")}`,
      type: full ? "full" : "incr",
      databaseId: 1,
      timeline: this.current.id,
      startLsn,
      stopLsn,
      startedAt: instantOf((startedAt / second) * second),
      finishedAt: instantOf(finished * second),
      archiveStart: name(startLsn, segmentAt),
      archiveStop: name(stopLsn, segmentBefore),
      bytes: 1,
      repositoryBytes: 1,
      needs: full ? [] : [...prior.needs, prior.label],
      error: this.dice.chance(0.04),
    });
  }

  /** Back to some commit of some history, as a person would: what was written since is left on its timeline. */
  restore(): void {
    const target = this.dice.one(this.timelines);
    const commits = commitsOf(this.timelines, target.id);
    const chosen = commits.length === 0 ? undefined : this.dice.one(commits);
    if (chosen === undefined) return;
    const own = this.timelines.find(({ id }) => id === chosen.timeline);
    if (own === undefined) return;
    const next = own.commits.find(({ lsn }) => lsn > chosen.lsn)?.lsn ?? own.end;
    const boundary = firstLsn(segmentAt(chosen.end, segmentBytes) + 1, segmentBytes);
    this.fork(own, boundary <= next && this.dice.chance(0.5) ? boundary : chosen.end);
  }

  failOver(): void {
    this.fork(this.current, this.current.end);
  }

  private fork(parent: Lived, lsn: Lsn): void {
    const id = this.current.id + 1;
    this.pass(this.dice.between(3_000_000, 60_000_000));
    this.timelines.push({ id, forks: [...parent.forks, { timeline: parent.id, lsn }], begin: lsn, end: lsn, commits: [] });
  }

  private pass(microseconds: number): void {
    this.clock = instantOf(this.clock + BigInt(microseconds));
  }
}

/** The commits along the history that ends on that timeline. */
export function commitsOf(timelines: readonly Lived[], id: number): readonly Written[] {
  const last = timelines.find((one) => one.id === id);
  if (last === undefined) return [];
  const limits = [...last.forks, { timeline: id, lsn: undefined }];
  return limits.flatMap(({ timeline, lsn }) =>
    (timelines.find((one) => one.id === timeline)?.commits ?? []).filter((commit) => lsn === undefined || commit.lsn < lsn),
  );
}

function archived(life: Life, dice: Dice): History {
  const segments = new Map<string, readonly Written[]>();
  const files: ArchiveFile[] = [];
  const histories: Record<string, string> = {};
  const loss = dice.one([0, 0, 0.03, 0.12]);
  for (const { id, begin, end, forks } of life.timelines) {
    const name = id.toString(16).toUpperCase().padStart(8, "0");
    const commits = commitsOf(life.timelines, id);
    const last = segmentBefore(end, segmentBytes) - (dice.chance(0.5) || id === life.current.id ? 0 : 1);
    for (let number = Math.max(segmentAt(begin, segmentBytes), 1); number <= last; number++) {
      const path = `17-1/${name}00000000/${segmentName({ timeline: id, number }, segmentBytes)}-`;
      const fate = dice.fraction();
      if (fate < loss) continue;
      const twice = fate < loss * 1.3;
      files.push({ path: `${path}${"a".repeat(40)}.zst`, bytes: fate < loss * 1.4 && !twice ? 0 : 100 });
      if (twice) files.push({ path: `${path}${"b".repeat(40)}.zst`, bytes: 100 });
      if (fate < loss * 1.4) continue;
      const [from, to] = [firstLsn(number, segmentBytes), firstLsn(number + 1, segmentBytes)];
      segments.set(
        `${id}/${number}`,
        commits.filter(({ lsn }) => from <= lsn && lsn < to),
      );
    }
    if (id === 1 || (id !== life.current.id && dice.chance(loss))) continue;
    files.push({ path: `17-1/${name}.history`, bytes: 50 });
    histories[`${name}.history`] = `${forks.map((fork) => `${fork.timeline}\t${formatLsn(fork.lsn)}\tbefore some time`).join("\n")}\n`;
  }
  const now = instantOf(life.clock + 1_000_000n * BigInt(dice.between(1, 600)));
  return { timelines: life.timelines, sets: life.sets, segments, files, histories, living: life.current.id, now };
}
