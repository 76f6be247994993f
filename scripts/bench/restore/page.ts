import { formatBytes, formatSeconds } from "../../../src/domain/units.ts";
import { median } from "../measure.ts";
import { secondsOf, total } from "./items.ts";
import type { Measured, Sized } from "./measured.ts";
import { bareRatio, inService, middlePair, type Projection, project, ratesOf } from "./projection.ts";
import { lagSummary } from "./rpo.ts";

/** Highest ratio to bare pgBackRest promised for what both do, and longest restore of the standard size, seconds. */
const promised = { ratio: 1.1, standard: 30 * 60, lag: 5 * 60 } as const;

/** The database that the standard size has room for, bytes. */
const standardBytes = 200e9;

/** WAL between the backup and the moment, bytes: an incremental backup each day leaves at most a day's. */
const walToReplay = [1e9, 10e9, 50e9];

const s = (seconds: number): string => `${seconds.toFixed(1)} s`;
const rate = (bytes: number): string => `${formatBytes(bytes)}/s`;
const met = (holds: boolean): string => (holds ? "met" : "**missed**");

/** docs/benchmarks-restore.md. */
export function restorePage(measured: Measured): string {
  const { date, machine, sizes } = measured;
  return `# Benchmarks of restores

\`npm run bench:restore\` repeats them, on a sandbox cluster of its own: profile \`trial\` with Postgres and its backup agent as in \`small\`. Ours and bare pgBackRest take turns on the same data, in the same image, with the same resources and on the same volume; neither finds anything of the repository in the machine's memory. The machine is shared and noisy; ratios hold, single seconds do not.

Measured ${date} on ${machine}.

${sizes.map(sizeRow).join("\n")}

## Where the time goes

![Seconds of a restore](images/benchmarks-restore.svg)

The run whose wall time is the middle one, and the bare one beside it. **Bold**: what pgBackRest by hand does, too.

${itemTables(sizes)}

"Bare" is what an admin types once everything else is stopped: an empty directory, \`pgbackrest restore\` with the same set, timeline and moment, Postgres until it has promoted, and a full backup afterwards. It takes nothing out of service, proves nothing and puts nothing back. Ours makes its full backup while the platform serves again.

| what both do: copy, replay, promote, full backup | migratectl | pgBackRest | ratio | promised | |
|---|---|---|---|---|---|
${sizes.map(ratioRow).join("\n")}

${dumpPart(measured)}

${processPart(measured)}

${lagPart(measured)}

${projectionPart(measured)}
`;
}

function sizeRow({ name, bytes, repositoryBytes, pairs }: Sized): string {
  const wal = median(pairs.map(({ walBytes }) => walBytes));
  const walls = pairs.map(({ ours }) => total(inService(ours)));
  return `- **${formatBytes(bytes)}** (${name}; ${formatBytes(repositoryBytes)} in the repository), ${formatBytes(wal)} of WAL to replay: **${formatSeconds(median(walls))}** from the command to the end of the smoke test (${walls.map((wall) => wall.toFixed(0)).join(", ")}).`;
}

function itemTables(sizes: readonly Sized[]): string {
  const middles = sizes.map(({ pairs }) => middlePair(pairs));
  const names = [...new Set(middles.flatMap(({ ours }) => ours.map(({ name }) => name)))];
  const both = new Set(middles.flatMap(({ ours }) => ours.filter(({ kind }) => kind === "bare").map(({ name }) => name)));
  const head = sizes.map(({ bytes }) => `${formatBytes(bytes)} | bare`).join(" | ");
  const rows = names.map((name) => {
    const cells = middles.map(({ ours, bare }) => {
      const peer = bare.find((item) => item.name === name || (name === "replay" && item.name === "replay and promote"));
      return `${s(secondsOf(ours, name))} | ${peer === undefined ? "" : s(peer.seconds)}`;
    });
    return `| ${both.has(name) ? `**${name}**` : name} | ${cells.join(" | ")} |`;
  });
  const sums = (["bare", "growing", "fixed", "all"] as const).map((which) => {
    const title = { bare: "what both do", growing: "grows with the data, too", fixed: "fixed", all: "from the command to its end" }[which];
    return `| = ${title} | ${middles.map(({ ours, bare }) => `${s(total(ours, which))} | ${which === "bare" ? s(total(bare, which)) : ""}`).join(" | ")} |`;
  });
  const serving = `| = until the platform serves and is tried out | ${middles.map(({ ours }) => `${s(total(inService(ours)))} | `).join(" | ")} |`;
  return [`| | ${head} |`, `|---|${"---|---|".repeat(sizes.length)}`, ...rows, ...sums.slice(0, -1), serving, ...sums.slice(-1)].join("\n");
}

function ratioRow({ bytes, pairs }: Sized): string {
  const ratio = bareRatio(pairs);
  const [ours, bare] = [median(pairs.map((pair) => total(pair.ours, "bare"))), median(pairs.map((pair) => total(pair.bare, "bare")))];
  return `| ${formatBytes(bytes)} | ${s(ours)} | ${s(bare)} | ${ratio.toFixed(2)}x | <= ${promised.ratio.toFixed(2)}x | ${met(ratio <= promised.ratio)} |`;
}

function dumpPart({ dumped, sizes: [vectors] }: Measured): string {
  const physical = (which: "ours" | "bare"): number =>
    median(vectors.pairs.map((pair) => total(pair[which], "bare") - secondsOf(pair[which], "full backup")));
  const wall = median(vectors.pairs.map(({ ours }) => total(inService(ours))));
  return `## Against pg_restore

${formatBytes(dumped.bytes)} of vectors (1536 dimensions, HNSW), dumped with \`pg_dump -Fc\` in ${s(dumped.dump)} and read into an empty database of the same server with \`pg_restore -j 2\`: a dump holds no index, so that it is built anew.

| | seconds | pg_restore takes |
|---|---|---|
| \`pg_restore -j 2\` | ${s(dumped.restore)} | |
| copy, replay and promote of the whole database by pgBackRest | ${s(physical("bare"))} | ${(dumped.restore / physical("bare")).toFixed(0)}x as long |
| the same within \`migratectl backup restore\` | ${s(physical("ours"))} | ${(dumped.restore / physical("ours")).toFixed(0)}x as long |
| all of \`migratectl backup restore\` until the smoke test has passed | ${s(wall)} | ${(dumped.restore / wall).toFixed(1)}x as long |`;
}

function processPart({ processes, sizes: [, rows] }: Measured): string {
  const lines = processes.map(({ processes: count, seconds }) => `| ${count} | ${s(seconds)} | ${rate(rows.bytes / seconds)} |`);
  return `## How many processes copy

\`process-max\` of pgBackRest, the copy alone, once each:

| processes | seconds | of the database |
|---|---|---|
${lines.join("\n")}`;
}

function lagPart({ lags }: Measured): string {
  const rows = lags.map((lag) => {
    // Too loaded a machine to answer once while the writer wrote: no figure, and no promise kept.
    if (lag.samples.length === 0) return `| ${lag.load} | ${lag.minutes.toFixed(0)} min | | not one answer | | **no figure** |`;
    const { typical, worst } = lagSummary(lag);
    return `| ${lag.load} | ${lag.minutes.toFixed(0)} min, ${lag.commits.toFixed(0)} commits | ${rate(lag.walBytes / lag.minutes / 60)} | ${s(typical)} | ${s(worst)} | ${met(worst <= promised.lag)} |`;
  });
  return `## How much would be lost

While a writer commits, \`migratectl backup list\` is asked every 5 s for the newest moment that can be recovered, which it reads out of the archived WAL: what lies between that and now would be lost with the volume. The database is started anew before, because WAL is switched latest after a start. Promised are 5 minutes at most.

| load | for | WAL | typical | worst | |
|---|---|---|---|---|---|
${rows.join("\n")}

That is for a volume that is lost. A mistake loses nothing: the restore archives what was written last before it begins.`;
}

function projectionPart({ sizes: [, rows] }: Measured): string {
  const rates = ratesOf(rows);
  const seconds = (bytes: number, perSecond: number): string =>
    `${formatBytes(bytes)} / ${rate(perSecond)} = ${formatSeconds(bytes / perSecond)}`;
  const lines = walToReplay.map((wal) => {
    const projected: Projection = project(rates, standardBytes, wal);
    return `| ${formatBytes(wal)} | ${formatSeconds(projected.copy)} | ${formatSeconds(projected.replay)} | ${formatSeconds(projected.look)} | ${formatSeconds(projected.fixed)} | **${formatSeconds(projected.total)}** | ${met(projected.total <= promised.standard)} | ${formatSeconds(projected.backup)} |`;
  });
  const most = (promised.standard - project(rates, standardBytes, 0).total) * rates.replay;
  return `## 200 GB in 30 minutes?

Projected from the rates at ${formatBytes(rows.bytes)}, on this machine with its 2 cores and this disk, everything else left as it is:

- copy: ${seconds(standardBytes, rates.copy)}
- replay: ${rate(rates.replay)} of WAL, so that 1 GB takes ${s(1e9 / rates.replay)}
- look at what was recovered (invalid indexes, sequences, vector indexes): ${seconds(standardBytes, rates.look)}
- fixed: ${s(rates.fixed)}

| WAL since the backup | copy | replay | look | fixed | until it serves | 30 min | full backup afterwards |
|---|---|---|---|---|---|---|---|
${lines.join("\n")}

${most > 0 ? `The promise holds up to ${formatBytes(most)} of WAL between the backup and the moment.` : "The promise does not hold at these rates, even with no WAL to replay."} The full backup (${seconds(standardBytes, rates.backup)}) is made while the platform serves; until it is there, the backup that was restored leads to every later moment. A rate is what the slower of disk, cores and repository gives; profile \`standard\` has twice the cores.`;
}
