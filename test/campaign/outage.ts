import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { runInside, type SandboxDocument } from "../sandbox/index.ts";
import { namespaceOf, processesIn } from "../sandbox/lifecycle/processes.ts";

/** How the API server goes away. */
type Outage = "stall" | "drop" | "refuse";

const table = "migratectl_campaign";

/** Takes the API server away from everything in the sandbox; gives what brings it back. @throws Error when it cannot be taken away */
export async function takeAway(sandbox: SandboxDocument, how: Outage): Promise<() => Promise<void>> {
  if (how === "stall") {
    const pids = processesOf(sandbox, "kube-apiserver");
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    return async () => {
      for (const pid of pids) process.kill(pid, "SIGCONT");
    };
  }
  const { port } = new URL(sandbox.apiServer);
  const verdict = how === "drop" ? "drop" : "reject with tcp reset";
  const rules = `table inet ${table} {\n  chain out {\n    type filter hook output priority -10; policy accept;\n    tcp dport ${port} ${verdict}\n  }\n}\n`;
  await runInside(sandbox, ["nft", "-f", "-"], { input: rules });
  return async () => {
    await runInside(sandbox, ["nft", "delete", "table", "inet", table]);
  };
}

/** Process ids, as the machine sees them, of a program in the sandbox. @throws Error when it does not run there */
export function processesOf(sandbox: SandboxDocument, program: string): readonly number[] {
  const processTable = namespaceOf(sandbox.pid, "pid");
  const pids = processTable === undefined ? [] : processesIn("pid", processTable).filter((pid) => programOf(pid) === program);
  if (pids.length === 0) throw new Error(`no ${program} runs in the sandbox ${sandbox.name}`);
  return pids;
}

function programOf(pid: number): string {
  try {
    return basename(readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0", 1)[0] ?? "");
  } catch {
    return "";
  }
}
