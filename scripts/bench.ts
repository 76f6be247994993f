/**
 * Measures what docs/benchmarks.md promises, peers in the same run, and writes that page with its plot.
 * usage: npm run bench [-- --rounds 15 --install-rounds 3]
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { down, ensureToolchain, up } from "../test/sandbox/index.ts";
import { installBench } from "./bench/install.ts";
import { machineText } from "./bench/machine.ts";
import { memoryBench } from "./bench/memory.ts";
import { type BenchResult, page } from "./bench/page.ts";
import { ratioPlot } from "./bench/plot.ts";
import { renderBench, startBench } from "./bench/start.ts";
import { imagesOf, layoutOf, makeBundle } from "./demo/bundle.ts";
import { freshSandbox, writeAnswers } from "./demo/site.ts";

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "15" }, "install-rounds": { type: "string", default: "3" } },
});
const root = join(import.meta.dirname, "..");
const rounds = Number(options.rounds);

const toolchain = await ensureToolchain({ meanwhile: imagesOf("1.0.0") });
const bundle = await makeBundle("1.0.0", toolchain.binDir);
const results: BenchResult[] = [...(await startBench(toolchain, rounds))];
const scratch = await mkdtemp(join(tmpdir(), "migratectl-bench-"));
const site = await freshSandbox("bench", toolchain);
try {
  const answers = await writeAnswers(site, "small");
  results.push(...(await renderBench({ answers, bundle, binDir: toolchain.binDir, rounds })));
  const sandbox = await up({ name: "bench", cpus: 8, mode: "cluster", toolchain });
  results.push(...(await installBench({ sandbox, site, answers, bundle, rounds: Number(options["install-rounds"]) })));
  results.push(...(await memoryBench({ site, answers, bundle, layout: layoutOf("1.0.0"), scratch })));
} finally {
  await rm(scratch, { recursive: true, force: true });
  await down("bench");
}
await mkdir(join(root, "docs/images"), { recursive: true });
await writeFile(join(root, "docs/images/benchmarks.svg"), ratioPlot(results));
await writeFile(join(root, "docs/benchmarks.md"), page(results, machineText()));
process.stdout.write("written: docs/benchmarks.md\n");
