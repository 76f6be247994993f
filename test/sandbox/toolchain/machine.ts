import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import type { Machine } from "./plan.ts";
import { type GoRequirement, linkerFlags } from "./requirements.ts";

const cacheDir = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "migratectl-sandbox");

/** Where built programs are kept. */
export const binDir = join(cacheDir, "bin");

/** Where it is written down how long each step took. */
export const durationsFile = join(cacheDir, "durations.json");

/** The folder of the Go module that pins and builds the sandbox's programs. */
export const moduleDir = join(import.meta.dirname, "../go");

/** Identifies what a program is built from: another pin, source or flag gives another key. */
const buildKey = ({ package: name }: GoRequirement): string => {
  const hash = createHash("sha256").update(`${name}\n${linkerFlags}\n`);
  for (const file of readdirSync(moduleDir).toSorted()) hash.update(`${file}\n`).update(readFileSync(join(moduleDir, file)));
  return hash.digest("hex");
};

const stamp = (program: string): string => join(binDir, ".built", program);

/** Writes down that the program in the cache was built from `key`, and links its commands to it. */
export const recordBuild = (requirement: GoRequirement): void => {
  mkdirSync(join(binDir, ".built"), { recursive: true });
  for (const command of requirement.commands) {
    if (command === requirement.program) continue;
    rmSync(join(binDir, command), { force: true });
    symlinkSync(requirement.program, join(binDir, command));
  }
  writeFileSync(stamp(requirement.program), buildKey(requirement));
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Directories for system programs are searched too: daemons are there, and not on everybody's PATH. */
const searchPath = (): readonly string[] => [
  ...(process.env.PATH ?? "").split(delimiter).filter((dir) => dir && dir !== binDir && !dir.includes("node_modules")),
  ...["/usr/local/sbin", "/usr/sbin", "/sbin"],
];

/** The machine this process runs on. */
export const thisMachine: Machine = {
  find: (file) =>
    isAbsolute(file)
      ? existsSync(file)
        ? file
        : undefined
      : searchPath()
          .map((dir) => join(dir, file))
          .find(isExecutable),
  fits: (path, { args, fits }) => {
    const { stdout, stderr } = spawnSync(path, args, { encoding: "utf8", timeout: 10_000 });
    return fits.test(`${stdout}${stderr}`);
  },
  isBuilt: (requirement) =>
    [requirement.program, ...requirement.commands].every((name) => isExecutable(join(binDir, name))) &&
    existsSync(stamp(requirement.program)) &&
    readFileSync(stamp(requirement.program), "utf8") === buildKey(requirement),
};
