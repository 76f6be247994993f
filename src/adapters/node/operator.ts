import { readFileSync, readlinkSync } from "node:fs";
import { hostname, userInfo } from "node:os";
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
      processStart: processStart(process.pid) ?? "",
    }),
    isGone: (holder) => machine !== "" && holder.machine === machine && processStart(holder.pid) !== holder.processStart,
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

/** When the process started, in the kernel's ticks; undefined when there is none (a zombie counts as none). */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[startTimeField];
  } catch {
    return undefined;
  }
}
