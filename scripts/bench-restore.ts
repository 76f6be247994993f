/**
 * Measures restores against bare pgBackRest and pg_restore in the same run, and how far behind the newest recoverable moment is, and writes
 * docs/benchmarks-restore.md with its plot. `--page` writes the page again from what was measured last; `--lag` measures only the second, and
 * keeps the rest of it.
 * usage: npm run bench:restore [-- --gigabytes 5 --vectors 700 --wal 400 --rounds 3 --rpo-minutes 6]
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { down, ensureToolchain, up } from "../test/sandbox/index.ts";
import { machineText } from "./bench/machine.ts";
import { Installed } from "./bench/restore/installed.ts";
import { type Extent, measure, measureLags } from "./bench/restore/measure.ts";
import type { Measured } from "./bench/restore/measured.ts";
import { restorePage } from "./bench/restore/page.ts";
import { stackedPlot } from "./bench/restore/plot.ts";
import { imagesOf, makeBundle } from "./demo/bundle.ts";
import { demoDir, freshSandbox } from "./demo/site.ts";

const { values: options } = parseArgs({
  options: {
    gigabytes: { type: "string", default: "5" },
    vectors: { type: "string", default: "700" },
    wal: { type: "string", default: "400" },
    rounds: { type: "string", default: "3" },
    "rpo-minutes": { type: "string", default: "6" },
    page: { type: "boolean", default: false },
    lag: { type: "boolean", default: false },
  },
});
const name = "bench-restore";
const kept = join(demoDir, `${name}.json`);
const docs = join(import.meta.dirname, "../docs");

/** Installs a platform on a sandbox of its own, and ends both after the work. */
async function withPlatform<T>(work: (platform: Installed, tell: (text: string) => void) => Promise<T>): Promise<T> {
  const toolchain = await ensureToolchain({ purposes: ["images", "cluster", "bundle"], meanwhile: imagesOf("1.0.0") });
  const bundle = await makeBundle("1.0.0", toolchain.binDir);
  const scratch = await mkdtemp(join(tmpdir(), "migratectl-bench-restore-"));
  try {
    const site = await freshSandbox(name, toolchain);
    const sandbox = await up({ name, cpus: 8, mode: "cluster", toolchain });
    const platform = await Installed.make(sandbox, site, bundle, scratch);
    const tell = (text: string): void => void process.stdout.write(`${new Date().toISOString()} ${text}\n`);
    return await work(platform, tell);
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await down(name);
  }
}

const minutesOfWriting = Number(options["rpo-minutes"]);
const extent: Extent = {
  gigabytes: Number(options.gigabytes),
  megabytesOfVectors: Number(options.vectors),
  megabytesOfWal: Number(options.wal),
  rounds: Number(options.rounds),
  minutesOfWriting,
};
const last = async (): Promise<Measured> => JSON.parse(await readFile(kept, "utf8")) as Measured;
const today = { machine: machineText(), date: new Date().toISOString().slice(0, 10) };
const keep = (measured: Measured): Promise<void> => writeFile(kept, `${JSON.stringify(measured, undefined, 2)}\n`);
if (options.lag) {
  const lags = await withPlatform((platform, tell) => measureLags(platform, minutesOfWriting, tell));
  await keep({ ...(await last()), lags });
} else if (!options.page) await keep({ ...(await withPlatform((platform, tell) => measure(platform, extent, tell))), ...today });
const measured = await last();
await writeFile(join(docs, "images/benchmarks-restore.svg"), stackedPlot(measured.sizes));
await writeFile(join(docs, "benchmarks-restore.md"), restorePage(measured));
process.stdout.write("written: docs/benchmarks-restore.md\n");
