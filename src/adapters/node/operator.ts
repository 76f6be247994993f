import { readFileSync, readlinkSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import type { LeaseHolder } from "../../ports/cluster-objects.ts";
import type { Operator } from "../../ports/operator.ts";

/** Index of the start time in /proc/PID/stat, counted behind the command's name, which may hold spaces. */
const startTimeField = 19;

/** The person and process of this command, and what Linux tells about other processes; elsewhere nobody is ever known to be gone. */
export function createOperator(): Operator {
  const machine = machineId();
  return {
    holder: (run) => ({
      user: userName(),
      host: hostname(),
      pid: process.pid,
      run,
      machine,
      processStart: startOf(look(process.pid)) ?? "",
    }),
    isGone: (holder) => machine !== "" && holder.machine === machine && isGone(holder),
  };
}

/** `user@host` of who runs this command, for the record. */
export function operatorName(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

/** One boot and one process table: in a container the same pid is another process. */
function machineId(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}

/** Where /proc shows nothing, the process may be another user's: a hardened host (hidepid) hides those, and only the kernel tells that they live. */
function isGone({ pid, processStart }: LeaseHolder): boolean {
  const seen = look(pid);
  if (seen.kind === "ended") return true;
  const start = startOf(seen);
  return start === undefined ? hasNoProcess(pid) : start !== processStart;
}

function hasNoProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

type Look =
  /** In the kernel's ticks. */
  | { readonly kind: "started"; readonly at: string }
  /** A zombie: nothing but its exit status is left. */
  | { readonly kind: "ended" }
  | { readonly kind: "not shown" };

function startOf(look: Look): string | undefined {
  return look.kind === "started" ? look.at : undefined;
}

function look(pid: number): Look {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return { kind: "ended" };
    const at = fields[startTimeField];
    return at === undefined ? { kind: "not shown" } : { kind: "started", at };
  } catch {
    return { kind: "not shown" };
  }
}
