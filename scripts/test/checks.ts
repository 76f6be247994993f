import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Outcome } from "./projects.ts";

const root = join(import.meta.dirname, "../..");
const bin = (name: string): string => join(root, "node_modules/.bin", name);

/** What is checked without running anything of the product: each counts as one test. */
const checks: readonly (readonly [title: string, ...argv: readonly string[]])[] = [
  ["types", bin("tsc"), "-p", root],
  ["lint and format", bin("biome"), "check", root],
  ["dead code", bin("knip"), "--no-progress"],
  ["generated docs", process.execPath, join(root, "scripts/generate-docs.ts"), "--check"],
];

/** Runs every check, one after the other, and counts them; the output of one that fails is shown. */
export async function runChecks(env: NodeJS.ProcessEnv): Promise<Outcome> {
  const started = Date.now();
  process.stdout.write("\n=== checks\n");
  let failed = 0;
  for (const [title, file = "", ...args] of checks) {
    const { code, output } = await collected(file, args, env);
    process.stdout.write(`${code === 0 ? "ok    " : "failed"} ${title}\n`);
    if (code === 0) continue;
    failed += 1;
    process.stdout.write(output);
  }
  return { project: "checks", passed: checks.length - failed, failed, skipped: 0, seconds: (Date.now() - started) / 1000 };
}

function collected(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, output }));
  });
}
