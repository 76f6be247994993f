import type { E2eSite } from "../../e2e/support/site.ts";
import { Ledger } from "./ledger.ts";
import { RestoredPlatform } from "./platform.ts";
import { playRestore, type Restored } from "./rounds.ts";
import { Writer } from "./writer.ts";

/** How many restores are played, and where. */
export interface Restores {
  readonly seed: number;
  readonly moments: number;
  /** No restore is begun after that many minutes. */
  readonly minutes: number | undefined;
  readonly namespace: string;
}

/** Installs the platform, and plays the rounds until one breaks the promise: what comes after it would be compared with a wrong history. */
export async function playRestores(
  site: E2eSite,
  { seed, moments, minutes = Number.POSITIVE_INFINITY, namespace }: Restores,
  tell: (line: string) => void,
): Promise<readonly Restored[]> {
  const begun = performance.now();
  const platform = await RestoredPlatform.make(site, namespace);
  const writer = new Writer(site, await platform.certificate());
  const game = { platform, writer, ledger: new Ledger(), timelines: [1], seed };
  const outcomes: Restored[] = [];
  try {
    for (let number = 1; number <= moments && (performance.now() - begun) / 60_000 < minutes; number += 1) {
      const outcome = await playRestore(game, number);
      outcomes.push(outcome);
      const { what, timeline, rows, wrong, seconds } = outcome;
      tell(
        `${number}: ${what}: ${wrong.length === 0 ? "kept" : "BROKEN"}, ${rows} rows, now on timeline ${timeline}, ${seconds.toFixed(0)} s`,
      );
      for (const one of wrong) tell(`  - ${one}`);
      if (wrong.length > 0) break;
    }
  } finally {
    await writer.end();
    await platform.remove();
  }
  return outcomes;
}
