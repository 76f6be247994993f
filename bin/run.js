#!/usr/bin/env node
// The first thing that runs: answers --version and --help from files of the build, sees to a new enough Node, then starts the CLI.
// It keeps to what Node 18 understands.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
const built = new URL("../dist/main.js", import.meta.url);

const answer = knownAnswer(process.argv.slice(2));
if (answer !== undefined) {
  process.stdout.on("error", ({ code, message }) => {
    if (code !== "EPIPE") process.stderr.write(`error FILE_UNWRITABLE  stdout takes no more: ${message}\n`);
    process.exit(code === "EPIPE" ? 0 : 2);
  });
  process.stdout.write(answer);
} else if (major >= 25 || (major === 24 && minor >= 15)) {
  keepCompiledCode();
  await import(existsSync(built) ? built.href : new URL("../src/cli/main.ts", import.meta.url).href);
} else {
  runWithNewerNode();
}

/** The text of `--version` and of every --help, which the build has written down at 100 columns; undefined for everything else. */
function knownAnswer(argv) {
  if (!existsSync(built)) return undefined;
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "version")) {
    const { name, version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    return `${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`;
  }
  const last = argv[argv.length - 1];
  const words = argv[0] === "help" ? argv.slice(1) : last === "--help" || last === "-h" ? argv.slice(0, -1) : argv;
  if ((words === argv && argv.length > 0) || words.some((word) => !/^[a-z]+$/.test(word))) return undefined;
  if (process.stdout.columns !== undefined && process.stdout.columns < 100) return undefined;
  const page = new URL(`../dist/help/${words.length === 0 ? "migratectl" : words.join("-")}.txt`, import.meta.url);
  return existsSync(page) ? readFileSync(page, "utf8") : undefined;
}

/**
 * Compiled code is kept in the person's own cache folder, so that an installation that cannot be written to starts fast too, and
 * nobody else can put code there, as they could under /tmp. Where that folder cannot be written, code is compiled anew.
 */
function keepCompiledCode() {
  if (process.env.NODE_COMPILE_CACHE !== undefined) module.enableCompileCache?.();
  else module.enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "migratectl", "node-compile-cache"));
}

/** Starts the npm package `node` with the same arguments, and ends as it ends. */
function runWithNewerNode() {
  let newer;
  try {
    newer = module.createRequire(import.meta.url).resolve("node/bin/node");
  } catch {
    tellTooOld();
    process.exit(2);
  }
  const child = spawn(newer, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  // The terminal sends Ctrl-C to both processes; the child decides what it means.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
  child.on("exit", (code, signal) => (signal === null ? process.exit(code) : process.kill(process.pid, signal)));
}

function tellTooOld() {
  const what = `migratectl needs Node 24.15 or newer; this is ${process.versions.node}`;
  const why = "The npm package `node`, which migratectl brings for this case, is not installed.";
  const fix = "Install Node 24 LTS, or reinstall migratectl with its dependencies.";
  if (process.argv.includes("--json")) {
    const document = { error: { code: "NODE_TOO_OLD", what, why, fix, exit: 2 } };
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  } else {
    process.stderr.write(`error NODE_TOO_OLD  ${what}\n  why  ${why}\n  fix  ${fix}\n`);
  }
}
