import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatBytes } from "../../src/domain/units.ts";

/** One measured figure: ours, the peer's, their ratio, and what was promised. */
export interface BenchResult {
  readonly name: string;
  readonly ours: string;
  readonly peer: string;
  /** Ours divided by the peer's, medians of pairs; absent where there is no peer. */
  readonly ratio?: number;
  /** Highest ratio promised. */
  readonly limit?: number;
  /** Peak memory of ours in bytes. */
  readonly bytes?: number;
  readonly met: boolean;
}

/** Highest peak memory promised for any command, bytes. */
export const memoryLimit = 200 * 1024 * 1024;

const marker = "<!-- first-run figures are kept by hand below this line -->";

/** docs/benchmarks.md; what stands below its marker is kept. */
export function page(results: readonly BenchResult[], machine: string): string {
  const rows = results.map(
    ({ name, ours, peer, ratio, limit, bytes, met }) =>
      `| ${[name, ours, peer, ratio === undefined ? "" : `${ratio.toFixed(2)}x`, limit === undefined ? "" : `<= ${limit.toFixed(2)}x`, bytes === undefined ? "" : formatBytes(bytes), met ? "met" : "**missed**"].join(" | ")} |`,
  );
  return `# Benchmarks

\`npm run bench\` repeats them: every command and its peer in turn, ratios pair by pair, medians told. The machine is shared and noisy; ratios hold, single seconds do not. Restores have [a page of their own](benchmarks-restore.md).

Measured ${new Date().toISOString().slice(0, 10)} on ${machine}.

| what | migratectl | peer | ratio | promised | peak memory | |
|---|---|---|---|---|---|---|
${rows.join("\n")}

Peak memory of any command is promised below ${formatBytes(memoryLimit)}.

![Ratios](images/benchmarks.svg)

${keptText()}`;
}

function keptText(): string {
  const path = join(import.meta.dirname, "../../docs/benchmarks.md");
  const before = readIfPresent(path);
  const start = before.indexOf(marker);
  return start < 0 ? `${marker}\n` : before.slice(start);
}

function readIfPresent(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
