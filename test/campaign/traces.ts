import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../sandbox/lifecycle/processes.ts";
import type { Folders } from "./watched-run.ts";

/** Processes, as `pid name`, that carry the round's state folder in their environment: everything that its commands started. */
export function processesOf({ state }: Folders): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(`XDG_STATE_HOME=${state}\0`) || !isAlive(Number(pid))) return [];
        return [`${pid} ${readFileSync(`/proc/${pid}/comm`, "utf8").trim()}`];
      } catch {
        // It ended between being listed and being looked at, or is a thread of the kernel.
        return [];
      }
    });
}

/**
 * Files that only a process at work may have: all of the temporary folder, and half-written ones of the run directories. What a killed run
 * was writing when it died stays in its own directory (`killed`), beside what it had written.
 */
export function filesLeftIn({ state, temporary }: Folders, killed: ReadonlySet<string>): readonly string[] {
  const runs = join(state, "migratectl", "runs");
  const halves = (existsSync(runs) ? readdirSync(runs) : [])
    .filter((run) => !killed.has(join(runs, run)))
    .flatMap((run) => readdirSync(join(runs, run)).map((name) => join(run, name)))
    .filter((name) => name.endsWith(".partial"));
  const temporaries = existsSync(temporary) ? readdirSync(temporary) : [];
  return [...temporaries.map((name) => `TMPDIR/${name} is left`), ...halves.map((name) => `run directory: ${name} is left`)];
}
