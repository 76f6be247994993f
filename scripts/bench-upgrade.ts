/**
 * Measures upgrades of an installed platform that a client writes to, against `helm upgrade --wait` in the same run, and writes
 * docs/benchmarks-upgrade.md with its plot. `--page` writes the page again from what was measured last.
 * usage: npm run bench:upgrade [-- --rounds 3]
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startSite } from "../test/campaign/site.ts";
import { ensureToolchain } from "../test/sandbox/index.ts";
import { machineText } from "./bench/machine.ts";
import { measureUpgrades } from "./bench/upgrade/measure.ts";
import type { MeasuredUpgrade } from "./bench/upgrade/measured.ts";
import { upgradePage } from "./bench/upgrade/page.ts";
import { gapPlot } from "./bench/upgrade/plot.ts";
import { imagesOf, makeBundle } from "./demo/bundle.ts";
import { demoDir } from "./demo/site.ts";

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, page: { type: "boolean", default: false } },
});
const name = "bench-upgrade";
const kept = join(demoDir, `${name}.json`);
const docs = join(import.meta.dirname, "../docs");

if (!options.page) {
  const toolchain = await ensureToolchain({ purposes: ["images", "bundle"], meanwhile: imagesOf("1.1.0") });
  const bundle = await makeBundle("1.1.0", toolchain.binDir);
  const { site, end } = await startSite(name);
  try {
    const tell = (text: string): void => void process.stdout.write(`${new Date().toISOString()} ${text}\n`);
    const figures = await measureUpgrades(site, { bundle, rounds: Number(options.rounds) }, tell);
    const measured: MeasuredUpgrade = { ...figures, machine: machineText(), date: new Date().toISOString().slice(0, 10) };
    await writeFile(kept, `${JSON.stringify(measured, undefined, 2)}\n`);
  } finally {
    await end();
  }
}
const measured = JSON.parse(await readFile(kept, "utf8")) as MeasuredUpgrade;
await writeFile(join(docs, "images/benchmarks-upgrade.svg"), gapPlot(measured));
await writeFile(join(docs, "benchmarks-upgrade.md"), upgradePage(measured));
process.stdout.write("written: docs/benchmarks-upgrade.md\n");
