#!/usr/bin/env node
// The version gate: everything else needs a newer Node than some jump hosts have, so this file keeps to what Node 18 understands.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);

if (major >= 26 || (major === 24 && minor >= 15) || major === 25) {
  module.enableCompileCache?.();
  const built = new URL("../dist/main.js", import.meta.url);
  await import(existsSync(built) ? built.href : new URL("../src/cli/main.ts", import.meta.url).href);
} else {
  runWithNewerNode();
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
  const child = spawn(newer, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  // The terminal sends Ctrl-C to both processes; the child decides what it means.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
  child.on("exit", (code, signal) => (signal === null ? process.exit(code) : process.kill(process.pid, signal)));
}
