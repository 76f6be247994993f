/**
 * Interrupts installations of the reference release on a real cluster, round after round, and judges what is left (docs/reliability.md).
 * Everything random comes from the seed; a round that fails is told with the command that plays it again.
 */
import { type Outcome, play } from "../test/campaign/round.ts";
import { inWords, moments, roundOf } from "../test/campaign/rounds.ts";
import { plannedActions, startSite } from "../test/campaign/site.ts";
import { type CampaignOptions, readOptions, repeating, usage } from "./campaign/options.ts";
import { outcomeTable } from "./campaign/table.ts";

/** Plays the rounds; true when every one of them kept the promise. */
async function campaign(options: CampaignOptions): Promise<boolean> {
  const begun = performance.now();
  const minutesOver = () => (performance.now() - begun) / 60_000;
  const { site, end } = await startSite(options.name, options.bundle);
  const outcomes: Outcome[] = [];
  try {
    const actions = await plannedActions(site);
    // Three rounds of four cut at the next pair of action and moment.
    const whole = Math.ceil(((options.action === undefined ? actions.length : 1) * moments.length * 4) / 3);
    const last = options.from - 1 + (options.rounds ?? whole);
    process.stdout.write(`seed ${options.seed}, rounds ${options.from} to ${last}, actions ${actions.join(" ")}\n`);
    for (let number = options.from; number <= last && minutesOver() < (options.minutes ?? Number.POSITIVE_INFINITY); number += 1) {
      const round = roundOf(options, actions, number);
      process.stdout.write(`round ${number}: ${inWords(round)}\n`);
      const outcome = await play(site, round);
      outcomes.push(outcome);
      tell(outcome, options);
    }
  } finally {
    await end();
  }
  const broken = outcomes.filter(({ wrong }) => wrong.length > 0);
  process.stdout.write(
    `\n${outcomeTable(outcomes)}\n\nseed ${options.seed}: ${outcomes.length} rounds, ${broken.length} broke the promise\n`,
  );
  for (const { round } of broken) process.stdout.write(`  again: ${repeating(options, round.number)}\n`);
  return outcomes.length > 0 && broken.length === 0;
}

function tell({ round, interrupted, wrong, seconds }: Outcome, options: CampaignOptions): void {
  process.stdout.write(`  ${wrong.length === 0 ? "kept" : "BROKEN"} after ${seconds.toFixed(0)} s: ${interrupted.join("; ")}\n`);
  for (const what of wrong) process.stdout.write(`  - ${what.replaceAll("\n", "\n    ")}\n`);
  if (wrong.length > 0) process.stdout.write(`  again: ${repeating(options, round.number)}\n`);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(usage);
  else process.exitCode = (await campaign(options)) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
