import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** How one vitest project ended. */
export interface Outcome {
  readonly project: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
}

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  success: z.boolean(),
});
const listSchema = z.array(z.unknown());
const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");

/** True when a test failed, or a project ran no test at all. */
export function isFailure({ passed, failed, skipped }: Outcome): boolean {
  return failed > 0 || passed + skipped === 0;
}

/** Runs one project with its output on this terminal. A run that breaks off before its report counts as one failure. */
export async function runProject(project: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const started = Date.now();
  process.stdout.write(`\n=== ${project}\n`);
  const folder = await mkdtemp(join(tmpdir(), "migratectl-test-"));
  const report = join(folder, "report.json");
  const code = await node(
    [vitest, "run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    env,
    "inherit",
  );
  const counts = reportSchema.safeParse(
    await readFile(report, "utf8")
      .then(JSON.parse)
      .catch(() => undefined),
  );
  await rm(folder, { recursive: true, force: true });
  const seconds = (Date.now() - started) / 1000;
  if (!counts.success) return { project, passed: 0, failed: 1, skipped: 0, seconds };
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = counts.data;
  // A suite whose setup failed has no failed test of its own, but fails the run.
  const failed = numFailedTests === 0 && code.status !== 0 ? 1 : numFailedTests;
  return { project, passed, failed, skipped: numPendingTests + numTodoTests, seconds };
}

/** How many tests a project has, without running them. */
export async function countTests(project: string): Promise<number> {
  const { status, output } = await node([vitest, "list", "--project", project, "--json"], process.env, "pipe");
  if (status !== 0) throw new Error(`vitest could not list the tests of ${project}`);
  return listSchema.parse(JSON.parse(output)).length;
}

function node(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  output: "inherit" | "pipe",
): Promise<{ readonly status: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, { env, stdio: ["ignore", output, "inherit"] });
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status: status ?? 1, output: text }));
  });
}
