/**
 * Upgrades the reference platform again and again, with one fault each time and a client that writes all the while, and judges what is left
 * (docs/reliability.md). Everything random comes from the seed.
 */
import { startSite } from "../test/campaign/site.ts";
import { playUpgrades } from "../test/campaign/upgrades/play.ts";
import { ensureToolchain } from "../test/sandbox/index.ts";
import { readUpgradeOptions, repeatingUpgrade, type UpgradeOptions, upgradeUsage } from "./campaign/upgrade-options.ts";
import { upgradeTable } from "./campaign/upgrade-table.ts";
import { imagesOf, makeBundle } from "./demo/bundle.ts";

/** Plays the rounds; true when every one of them kept the promise. */
async function campaign(options: UpgradeOptions): Promise<boolean> {
  const { name, ...upgrades } = options;
  const toolchain = await ensureToolchain({ purposes: ["images", "bundle"], meanwhile: imagesOf("1.1.0") });
  const bundle = await makeBundle("1.1.0", toolchain.binDir);
  const { site, end } = await startSite(name);
  try {
    const tell = (line: string): void => void process.stdout.write(`${line}\n`);
    tell(`seed ${options.seed}`);
    const outcomes = await playUpgrades(site, { ...upgrades, rounds: options.rounds, minutes: options.minutes, bundle }, tell);
    const broken = outcomes.filter(({ wrong }) => wrong.length > 0);
    tell(`\n${upgradeTable(outcomes)}\n\nseed ${options.seed}: ${outcomes.length} rounds, ${broken.length} broke the promise`);
    for (const { round } of broken) tell(`  again: ${repeatingUpgrade(options, round.number)}`);
    return outcomes.length > 0 && broken.length === 0;
  } finally {
    await end();
  }
}

try {
  const options = readUpgradeOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(upgradeUsage);
  else process.exitCode = (await campaign(options)) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
