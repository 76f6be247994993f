import { createHash } from "node:crypto";
import { type Digest, digestOfHex } from "../../domain/digest.ts";
import type { ByteSource } from "../../ports/bundle-file.ts";

/** sha256 of bytes in memory. */
export function sha256(content: Uint8Array | string): Digest {
  return digestOfHex(createHash("sha256").update(content).digest("hex"));
}

/** sha256 and size of a stream. */
export async function sha256Of(source: ByteSource, signal: AbortSignal): Promise<{ readonly digest: Digest; readonly size: number }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of source) {
    signal.throwIfAborted();
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: digestOfHex(hash.digest("hex")), size };
}
