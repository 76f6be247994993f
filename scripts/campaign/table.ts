import type { Outcome } from "../../test/campaign/round.ts";
import { inWords } from "../../test/campaign/rounds.ts";

/** The rounds as a table in Markdown: what was done, where the journal says that it hit, how it ended. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(
    ({ round, interrupted, wrong, seconds }) =>
      `| ${[round.number, inWords(round), interrupted.join("; "), `${seconds.toFixed(0)} s`, wrong.length === 0 ? "kept" : `**${wrong.length} broken**`].join(" | ")} |`,
  );
  return ["| round | what was done | where it hit | time | promise |", "|---|---|---|---|---|", ...rows].join("\n");
}
