import type { UpgradeOutcome } from "../../test/campaign/upgrades/round.ts";
import { upgradeRoundInWords } from "../../test/campaign/upgrades/rounds.ts";

/** The rounds as a table in Markdown: what went wrong where, how the command ended, what serves. */
export function upgradeTable(outcomes: readonly UpgradeOutcome[]): string {
  const rows = outcomes.map(({ round, runs, serves, rows: requests, gap, wrong, seconds }) => {
    const kept = wrong.length === 0 ? "kept" : `**${wrong.length} broken**`;
    const cells = [
      round.number,
      upgradeRoundInWords(round),
      runs.join("; "),
      serves,
      requests,
      `${(gap.milliseconds / 1000).toFixed(1)} s`,
      `${seconds.toFixed(0)} s`,
      kept,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const head = [
    "| round | fault | how the command ended | serves | requests | longest gap | time | promise |",
    "|---|---|---|---|---|---|---|---|",
  ];
  return [...head, ...rows].join("\n");
}
