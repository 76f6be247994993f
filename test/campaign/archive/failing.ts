import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "../../sandbox/platform/eventually.ts";
import type { ArchiveLaboratory, Sample } from "./laboratory.ts";

/** What came of archiving that failed for a while; seconds since it began to fail. */
export interface FailingArchive {
  readonly minutes: number;
  /** When the chart's alerts would have fired: undefined for one that would not. */
  readonly alerts: Readonly<Record<"late" | "fails" | "dropped", number | undefined>>;
  /** Most that the WAL on the data volume came to. */
  readonly mostWal: number;
  /** WAL that was written meanwhile. */
  readonly written: number;
  /** Seconds from the repository's return until archiving went on and, where WAL was dropped, a full backup had closed the hole. */
  readonly healed: number;
  readonly holes: number;
}

/** Milliseconds. */
const betweenSamples = 4_000;

/** Bytes of WAL a second, 5.4 GB in an hour: more than may wait, so that the limit is met whatever else the machine does. */
const rate = 1_500_000;

/** Bounds of the chart's alerts: seconds without a segment and for how long; seconds over which failures are counted and for how long. */
const late = { over: 600, held: 600 } as const;
const fails = { over: 900, held: 900 } as const;

/** Writes all the while, and makes archiving fail for so many minutes; then sees that the archive heals by itself. */
export async function letArchivingFail(
  laboratory: ArchiveLaboratory,
  minutes: number,
  tell: (line: string) => void,
): Promise<FailingArchive> {
  const began = performance.now();
  const sampled = async (): Promise<Timed> => ({ ...(await laboratory.sample()), at: (performance.now() - began) / 1000 });
  const first = await sampled();
  const samples = [first];
  let told = 0;
  await laboratory.writable(false);
  for (let last = first; last.at < minutes * 60; ) {
    await pause(betweenSamples);
    last = await sampled();
    samples.push(last);
    await laboratory.write(first.written + rate * last.at - last.written);
    if (last.at - told < 300) continue;
    told = last.at;
    tell(
      `${(last.at / 60).toFixed(1)} min: ${(last.walBytes / 1e9).toFixed(2)} GB of WAL on the volume, ${last.failedCount} failures, nothing archived for ${last.age.toFixed(0)} s, ${last.open} holes`,
    );
  }
  const [full, { archivedCount, open }] = [await laboratory.fullBackups(), await laboratory.sample()];
  await laboratory.writable(true);
  const returned = performance.now();
  await eventually(open > 0 ? "a full backup has closed the hole" : "archiving goes on", 600, async () => {
    await laboratory.write(rate);
    if (open > 0) return (await laboratory.sample()).open === 0 && (await laboratory.fullBackups()) > full;
    return (await laboratory.sample()).archivedCount > archivedCount;
  });
  const healed = (performance.now() - returned) / 1000;
  const { timelines } = await laboratory.archived();
  return {
    minutes,
    alerts: {
      late: heldFor(samples, late.held, ({ age }) => age > late.over || age < 0),
      fails: heldFor(samples, fails.held, (sample) => sample.failedCount > countBefore(samples, sample.at - fails.over)),
      dropped: samples.find(({ open }) => open > 0)?.at,
    },
    mostWal: Math.max(...samples.map(({ walBytes }) => walBytes)),
    written: (samples.at(-1) ?? first).written - first.written,
    healed,
    holes: timelines.reduce((sum, { holes }) => sum + holes.length, 0),
  };
}

type Timed = Sample & { readonly at: number };

/** The first moment at which a condition had held all the time for so many seconds. */
function heldFor(samples: readonly Timed[], seconds: number, holds: (sample: Timed) => boolean): number | undefined {
  let since: number | undefined;
  for (const sample of samples) {
    if (!holds(sample)) since = undefined;
    else if (sample.at - (since ??= sample.at) >= seconds) return sample.at;
  }
  return undefined;
}

/** Failures that were counted by then; those of before the first sample are not known, and taken as none of ours. */
function countBefore(samples: readonly Timed[], at: number): number {
  return (samples.findLast((sample) => sample.at <= at) ?? samples[0])?.failedCount ?? 0;
}
