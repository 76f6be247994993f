import { formatBytes } from "../../../src/domain/units.ts";
import { median } from "../measure.ts";
import type { Loaded, MeasuredUpgrade } from "./measured.ts";

/** Highest ratio to helm and the smoke test; longest gap, way back and diff, seconds. */
const promised = { ratio: 1.15, gap: 1, takenBack: 90, diff: 2 } as const;

const s = (seconds: number): string => `${seconds.toFixed(1)} s`;
const met = (holds: boolean): string => (holds ? "met" : "**missed**");

/** docs/benchmarks-upgrade.md. */
export function upgradePage({ date, machine, pushed, pairs, idle, takenBack, diff }: MeasuredUpgrade): string {
  const [ours, helm] = [pairs.map((pair) => pair.ours), pairs.map((pair) => pair.helm)];
  const ratio = median(pairs.map((pair) => pair.ours.seconds / pair.helm.seconds));
  const longest = Math.max(...ours.map(({ gap }) => gap));
  const back = Math.max(...takenBack);
  const shown = median(diff.seconds);
  return `# Benchmarks of upgrades

\`npm run bench:upgrade\` repeats them, on a sandbox cluster of its own: 1.0.0 to 1.1.0 with profile \`trial\`, while one client writes through the platform's API, a request every 40 ms. Ours and helm take turns. The machine is shared and noisy; ratios hold, single seconds do not.

Measured ${date} on ${machine}.

| what | figure | promised | |
|---|---|---|---|
| bytes pushed by the first upgrade | ${formatBytes(pushed.sentBytes)} of a bundle of ${formatBytes(pushed.bundleBytes)} | the blobs that 1.0.0 lacks: ${formatBytes(pushed.changedBytes)} | ${met(pushed.sentBytes <= pushed.changedBytes)} |
| \`upgrade\` to \`helm upgrade --wait\` and \`smoke\`, wall | ${ratio.toFixed(2)}x (${seconds(ours)} to ${seconds(helm)} s) | <= ${promised.ratio.toFixed(2)}x | ${met(ratio <= promised.ratio)} |
| longest gap between two answers during \`upgrade\` | ${s(longest)} | < ${promised.gap} s | ${met(longest < promised.gap)} |
| failed requests during \`upgrade\` | ${failed(ours)} | 0 | ${met(failed(ours) === 0)} |
| from a crash being told to the release of before having passed its smoke test | ${s(back)} (${takenBack.map((one) => one.toFixed(0)).join(", ")}) | < ${promised.takenBack} s | ${met(back < promised.takenBack)} |
| \`diff\` with another bundle, ${diff.objects} objects | ${s(shown)} (${diff.seconds.map((one) => one.toFixed(1)).join(", ")}) | < ${promised.diff} s with 300 | ${met(shown < promised.diff)} |

Before the pairs an upgrade has pushed the images and migrated the database, so that both sides bring up the same pods from the same state. What ours does besides: preflight, plan, journal, the hashes of the secrets before and after, the answers kept with the backups, the record.

## Gaps

![Longest gap between two answers](images/benchmarks-upgrade.svg)

| while | requests | failed | longest gap |
|---|---|---|---|
| nothing is done, ${idle.seconds.toFixed(0)} s | ${idle.requests} | ${idle.failed} | ${s(idle.gap)} |
${pairs.flatMap((pair, round) => [row(`upgrade by migratectl, ${round + 1}`, pair.ours), row(`upgrade by helm, ${round + 1}`, pair.helm)]).join("\n")}
`;
}

const seconds = (all: readonly Loaded[]): string => all.map((one) => one.seconds.toFixed(0)).join(", ");
const failed = (all: readonly Loaded[]): number => all.reduce((sum, one) => sum + one.failed, 0);
const row = (what: string, one: Loaded): string =>
  `| ${what}, ${one.seconds.toFixed(0)} s | ${one.requests} | ${one.failed} | ${s(one.gap)} |`;
