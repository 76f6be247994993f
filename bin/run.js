#!/usr/bin/env node
// The first thing that runs: answers --version and --help from files of the build, sees to a new enough Node, then starts the CLI.
// It keeps to what Node 18 understands.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
const built = new URL("../dist/main.js", import.meta.url);

const answer = knownAnswer(process.argv.slice(2));
if (answer !== undefined) {
  process.stdout.write(answer);
} else if (major >= 25 || (major === 24 && minor >= 15)) {
  module.enableCompileCache?.();
  await import(existsSync(built) ? built.href : new URL("../src/cli/main.ts", import.meta.url).href);
} else {
  runWithNewerNode();
}

/** The text of `--version` and of the root's `--help`, which the build has written down; undefined for everything else. */
function knownAnswer([first, ...rest]) {
  if (rest.length > 0 || !existsSync(built)) return undefined;
  if (first === undefined || first === "--help" || first === "-h")
    return readFileSync(new URL("../dist/help.txt", import.meta.url), "utf8");
  if (first !== "--version") return undefined;
  const { name, version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return `${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`;
}

/** Starts the npm package `node` with the same arguments, and ends as it ends. */
function runWithNewerNode() {
  let newer;
  try {
    newer = module.createRequire(import.meta.url).resolve("node/bin/node");
  } catch {
    process.stderr.write(
      `error NODE_TOO_OLD  migratectl needs Node 24.15 or newer; this is ${process.versions.node}\n` +
        "  why  The npm package `node`, which migratectl brings for this case, is not installed.\n" +
        "  fix  Install Node 24 LTS, or reinstall migratectl with its dependencies.\n",
    );
    process.exit(2);
  }
  const child = spawn(newer, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  // The terminal sends Ctrl-C to both processes; the child decides what it means.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
  child.on("exit", (code, signal) => (signal === null ? process.exit(code) : process.kill(process.pid, signal)));
}
