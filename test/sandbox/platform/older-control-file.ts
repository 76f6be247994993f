import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where a control file of Postgres 16 or 17 on a 64-bit machine says its own version and the catalogue's, and keeps the checksum of all before it. */
const [versionAt, catalogueAt, checksumAt] = [8, 12, 288];

/** What Postgres 16 writes there. */
const [versionOf16, catalogueOf16] = [1300, 202_307_071];

/** Makes a data directory of Postgres 17 pass for one of Postgres 16, as far as pgBackRest looks at it. */
export async function passFor16(directory: string): Promise<void> {
  const path = join(directory, "global/pg_control");
  const control = await readFile(path);
  if (control.readUInt32LE(checksumAt) !== crc32c(control.subarray(0, checksumAt))) throw new Error(`${path} keeps its checksum elsewhere`);
  control.writeUInt32LE(versionOf16, versionAt);
  control.writeUInt32LE(catalogueOf16, catalogueAt);
  control.writeUInt32LE(crc32c(control.subarray(0, checksumAt)), checksumAt);
  await writeFile(path, control);
  await writeFile(join(directory, "PG_VERSION"), "16\n");
}

/** The checksum that Postgres uses (Castagnoli). */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xff_ff_ff_ff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0x82_f6_3b_78 : 0);
  }
  return (crc ^ 0xff_ff_ff_ff) >>> 0;
}
