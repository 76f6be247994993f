import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

const attemptRead = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    // The process ended between being listed and being looked at.
    return undefined;
  }
};

const processIds = (): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** The identity of a namespace of a process, such as `net:[4026532000]`; undefined when the process is gone. */
export const namespaceOf = (pid: number | "self", kind: "net" | "mnt" | "pid"): string | undefined =>
  attemptRead(() => readlinkSync(join("/proc", String(pid), "ns", kind)));

/** Process ids of everything that is in the namespace `identity`. */
export const processesIn = (kind: "net" | "mnt" | "pid", identity: string): readonly number[] =>
  processIds().filter((pid) => namespaceOf(pid, kind) === identity);

/** Process ids of the children of `pid`. */
export const childrenOf = (pid: number): readonly number[] =>
  processIds().filter((candidate) => {
    const stat = attemptRead(() => readFileSync(`/proc/${candidate}/stat`, "utf8"));
    // The command in parentheses may hold spaces; the parent is the second field after it.
    return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[1] === String(pid);
  });

/** True while the process exists and is no zombie. */
export const isAlive = (pid: number): boolean => {
  const stat = attemptRead(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat !== undefined && stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
};
