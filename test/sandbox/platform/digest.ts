import { createHash } from "node:crypto";

/** The OCI digest, `sha256:…`, of bytes or text. */
export function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
