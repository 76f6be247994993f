import type { FileHandle } from "node:fs/promises";
import type { FrameRun } from "./bundle-layout.ts";

/** Compares a file with the frame that it should have; gives the names of the parts that differ, in the order of the file. */
export async function alteredParts(file: FileHandle, frame: readonly FrameRun[]): Promise<readonly string[]> {
  const altered: string[] = [];
  for (const { position, parts } of frame) {
    const length = parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
    let at = 0;
    for (const { what, bytes } of parts) {
      const held = buffer.subarray(at, Math.min(at + bytes.length, bytesRead));
      if (!bytes.equals(held)) altered.push(what);
      at += bytes.length;
    }
  }
  return altered;
}
