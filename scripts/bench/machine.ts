import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** One line about the machine of a measurement. */
export function machineText(): string {
  const system = /PRETTY_NAME="([^"]+)"/.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  return `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${system}, Linux ${release()}, Node ${process.versions.node}`;
}
