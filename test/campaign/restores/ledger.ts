/** A row as its writer knows it; times are milliseconds since 1970. */
export interface WrittenRow {
  readonly number: number;
  readonly sentAt: number;
  /** When its commit was acknowledged; undefined where no acknowledgement came: it may have been committed or not. */
  readonly acknowledgedAt: number | undefined;
}

/** A stretch of life of the database: until a restore ends it, and the next one begins from what the restore brought back. */
interface Era {
  readonly rows: WrittenRow[];
  /** The moment from which this era's data came; undefined for the first one. */
  readonly from: Moment | undefined;
  /** The moment at which the era before was taken out of service: what undoing the restore brings back. */
  readonly replaced: Moment | undefined;
}

/** A moment in the life of the database: after a restore the same time of day may be reached on several histories. */
export interface Moment {
  readonly era: number;
  readonly at: number;
}

/** What a database must hold at a moment: acknowledged before it, or possibly committed (in flight at the moment, or never acknowledged). */
export interface Expected {
  readonly there: ReadonlySet<number>;
  readonly maybe: ReadonlySet<number>;
}

/** Everything that was written, over all restores: the truth that a restored database is compared with. */
export class Ledger {
  private readonly eras: Era[] = [{ rows: [], from: undefined, replaced: undefined }];

  /** Number of the era that lives now, from 0. */
  get living(): number {
    return this.eras.length - 1;
  }

  /** Takes down a row of the living era. */
  write(row: WrittenRow): void {
    this.eras[this.living]?.rows.push(row);
  }

  /** Ends the living era at that time: the database is as it was at the moment, and a new era begins. */
  restored(to: Moment, endedAt: number): void {
    this.eras.push({ rows: [], from: to, replaced: { era: this.living, at: endedAt } });
  }

  /** What the last restore replaced. @throws RangeError before the first one */
  get replaced(): Moment {
    const replaced = this.eras[this.living]?.replaced;
    if (replaced === undefined) throw new RangeError("nothing was restored yet");
    return replaced;
  }

  /** From the first to the last acknowledgement of an era; undefined where less than two rows were acknowledged. */
  span(era: number): { readonly from: number; readonly to: number } | undefined {
    const times = (this.eras[era]?.rows ?? []).flatMap(({ acknowledgedAt }) => (acknowledgedAt === undefined ? [] : [acknowledgedAt]));
    return times.length < 2 ? undefined : { from: Math.min(...times), to: Math.max(...times) };
  }

  /** What the database held at a moment, through all restores that led to it. */
  expected({ era, at }: Moment): Expected {
    const { rows, from } = this.eras[era] ?? { rows: [], from: undefined };
    const before = from === undefined ? { there: new Set<number>(), maybe: new Set<number>() } : this.expected(from);
    const there = rows.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined && acknowledgedAt <= at);
    const maybe = rows.filter((row) => row.sentAt <= at && !there.includes(row));
    return {
      there: new Set([...before.there, ...there.map(({ number }) => number)]),
      maybe: new Set([...before.maybe, ...maybe.map(({ number }) => number)]),
    };
  }

  /** Rows of the living era that were sent at all: what a database that serves again may hold besides what was brought back. */
  get sinceRestore(): ReadonlySet<number> {
    return new Set((this.eras[this.living]?.rows ?? []).map(({ number }) => number));
  }
}

/** How the rows that were found differ from what must be there: acknowledged rows that are missing, and rows that cannot be there. */
export function differences(
  found: ReadonlySet<number>,
  { there, maybe }: Expected,
  alsoAllowed: ReadonlySet<number>,
): { readonly missing: readonly number[]; readonly surplus: readonly number[] } {
  return {
    missing: [...there].filter((number) => !found.has(number)),
    surplus: [...found].filter((number) => !there.has(number) && !maybe.has(number) && !alsoAllowed.has(number)),
  };
}

/**
 * Where the rows of the new era begin among those written while a restore ran: after the longest silence between two acknowledgements,
 * because the platform is out of service for seconds.
 */
export function outOfService(
  rows: readonly WrittenRow[],
  during: { readonly from: number; readonly to: number },
): { readonly from: number; readonly to: number } {
  const times = [
    during.from,
    ...rows.flatMap(({ acknowledgedAt: at }) => (at !== undefined && at > during.from && at < during.to ? [at] : [])),
    during.to,
  ].toSorted((a, b) => a - b);
  const silences = times.slice(1).map((to, index) => ({ from: times[index] ?? to, to }));
  return silences.reduce((longest, one) => (one.to - one.from > longest.to - longest.from ? one : longest), {
    from: during.to,
    to: during.to,
  });
}

/** The rows of the era before a silence and of the one after it; what was not acknowledged around it may belong to either, and is in both. */
export function aroundSilence(
  rows: readonly WrittenRow[],
  silence: { readonly from: number; readonly to: number },
): readonly [before: readonly WrittenRow[], after: readonly WrittenRow[]] {
  return [
    rows.filter(({ sentAt, acknowledgedAt }) => sentAt <= silence.to && (acknowledgedAt === undefined || acknowledgedAt <= silence.from)),
    rows.filter(({ acknowledgedAt }) => acknowledgedAt === undefined || acknowledgedAt > silence.from),
  ];
}
