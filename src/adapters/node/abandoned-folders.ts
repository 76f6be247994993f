import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Operator } from "../../ports/operator.ts";

/** Name of a temporary folder: pid and start of its process, and which machine and boot that was, so that nobody else's is taken for it. */
const named = /^migratectl-(\d+)-(\d*)-([0-9a-f]{12})-/;

/** What the names of this process's temporary folders begin with. */
export function folderPrefix(operator: Operator): string {
  const { pid, processStart, machine } = operator.holder("");
  return `migratectl-${pid}-${processStart}-${shortened(machine)}-`;
}

/** Removes the temporary folders that processes of this machine left in `parent` when they were killed; what cannot be removed stays. */
export async function removeAbandoned(parent: string, operator: Operator): Promise<void> {
  const own = operator.holder("");
  for (const name of await readdir(parent).catch(() => [])) {
    const [, pid, processStart = "", machine] = named.exec(name) ?? [];
    if (machine !== shortened(own.machine) || !operator.isGone({ ...own, pid: Number(pid), processStart })) continue;
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function shortened(machine: string): string {
  return createHash("sha256").update(machine).digest("hex").slice(0, 12);
}
