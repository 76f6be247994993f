/**
 * The README's test command: builds, gets the tools the cluster suites need, checks types, lint, dead code and generated docs, runs every
 * vitest project and ends with the counts. With names (`npm test -- checks unit`) only those.
 * Where root or Linux is missing the cluster suites cannot run: it says so, and their tests count as skipped.
 */

import { runChecks } from "./test/checks.ts";
import { prepare } from "./test/prepare.ts";
import { countTests, isFailure, type Outcome, runProject } from "./test/projects.ts";

const plain = ["unit", "contract"] as const;
const rooted = ["integration", "images", "sandbox", "e2e"] as const;

const wanted = process.argv.slice(2);
const chosen = <T extends string>(projects: readonly T[]): readonly T[] =>
  projects.filter((project) => wanted.length === 0 || wanted.includes(project));

const canRunClusters = process.platform === "linux" && process.getuid?.() === 0;
const environment = await prepare(canRunClusters);

const outcomes: Outcome[] = [];
if (chosen(["checks"]).length > 0) outcomes.push(await runChecks(environment));
for (const project of chosen(plain)) outcomes.push(await runProject(project, environment));
for (const project of chosen(rooted)) {
  if (canRunClusters) outcomes.push(await runProject(project, environment));
  else {
    process.stderr.write(`\nNot run: ${project} (needs root on Linux)\n`);
    outcomes.push({ project, passed: 0, failed: 0, skipped: await countTests(project), seconds: 0 });
  }
}

process.stdout.write("\n");
for (const { project, passed, failed, skipped, seconds } of outcomes) {
  process.stdout.write(`${project.padEnd(12)} ${passed} passed, ${failed} failed, ${skipped} skipped  (${seconds.toFixed(0)} s)\n`);
}
const sum = (pick: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + pick(outcome), 0);
process.stdout.write(`\n${sum((one) => one.passed)} passed, ${sum((one) => one.failed)} failed, ${sum((one) => one.skipped)} skipped\n`);
process.exitCode = outcomes.some(isFailure) ? 1 : 0;
