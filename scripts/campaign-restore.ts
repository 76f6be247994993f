/**
 * Restores an installed platform to random moments of its life, over restores of restores, while a client writes through its API, and compares
 * every row with what was acknowledged (docs/reliability.md). Everything random comes from the seed.
 */

import { playRestores } from "../test/campaign/restores/play.ts";
import { startSite } from "../test/campaign/site.ts";
import { type RestoreOptions, readRestoreOptions, restoreUsage } from "./campaign/restore-options.ts";

/** Plays the rounds; true when every one of them kept the promise. */
async function campaign({ name, bundle, seed, moments, minutes }: RestoreOptions): Promise<boolean> {
  const { site, end } = await startSite(name, bundle);
  try {
    process.stdout.write(`seed ${seed}, ${moments} restores\n`);
    const tell = (line: string): void => void process.stdout.write(`${line}\n`);
    const outcomes = await playRestores(site, { seed, moments, minutes, namespace: "restores" }, tell);
    const broken = outcomes.filter(({ wrong }) => wrong.length > 0);
    const timelines = Math.max(1, ...outcomes.map(({ timeline }) => timeline));
    const rows = outcomes.reduce((sum, one) => sum + one.rows, 0);
    tell(
      `\nseed ${seed}: ${outcomes.length} restores over ${timelines} timelines, ${rows} rows compared, ${broken.length} broke the promise`,
    );
    return outcomes.length > 0 && broken.length === 0;
  } finally {
    await end();
  }
}

try {
  const options = readRestoreOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(restoreUsage);
  else process.exitCode = (await campaign(options)) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
