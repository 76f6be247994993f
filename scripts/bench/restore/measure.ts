import { writeFile } from "node:fs/promises";
import { z } from "zod";
import { formatBytes } from "../../../src/domain/units.ts";
import { copyByProcesses, restoreByHand } from "./bare.ts";
import { databaseBytes, makeRows, makeVectors, makeWal } from "./data.ts";
import { dumpAndRestore } from "./dump.ts";
import { type Installed, release } from "./installed.ts";
import { total } from "./items.ts";
import type { Measured, Pair, Sized } from "./measured.ts";
import { restoreByUs } from "./ours.ts";
import { type Lag, lagSummary, loads, measureLag } from "./rpo.ts";

/** How much is made and measured. */
export interface Extent {
  readonly gigabytes: number;
  readonly megabytesOfVectors: number;
  readonly megabytesOfWal: number;
  readonly rounds: number;
  /** Of the light writer, which needs to see archive_timeout pass; the heavy one gets a tenth of it. */
  readonly minutesOfWriting: number;
}

/** Numbers of processes that the copy is tried with. */
const processes = [1, 2, 4];

const createdSchema = z.object({ set: z.object({ repositoryBytes: z.number() }) });

/** All of it, one after the other: the vectors alone, dump and restore of them, the rows beside them, the lag. */
export async function measure(
  platform: Installed,
  extent: Extent,
  tell: (text: string) => void,
): Promise<Omit<Measured, "machine" | "date">> {
  tell(`making ${extent.megabytesOfVectors} MB of vectors`);
  await makeVectors(platform, extent.megabytesOfVectors);
  const vectors = await sized(platform, "vectors under HNSW", extent, tell);
  tell("pg_dump and pg_restore");
  const dumped = await dumpAndRestore(platform);
  tell(`dump ${dumped.dump.toFixed(1)} s, restore ${dumped.restore.toFixed(1)} s`);
  tell(`making ${extent.gigabytes} GB of rows`);
  await makeRows(platform, extent.gigabytes);
  const rows = await sized(platform, "the same and ordinary rows", extent, tell);
  const copies = await copyByProcesses(platform, processes, coldCache);
  tell(`copy by processes: ${JSON.stringify(copies)}`);
  return { sizes: [vectors, rows], dumped, processes: copies, lags: await measureLags(platform, extent.minutesOfWriting, tell) };
}

/** How far behind the newest recoverable moment is under little and much load, from a start of the database on, after which WAL is switched latest. */
export async function measureLags(platform: Installed, minutes: number, tell: (text: string) => void): Promise<readonly Lag[]> {
  await platform.kubectl(["rollout", "restart", "statefulset/postgres"]);
  await platform.kubectl(["rollout", "status", "statefulset/postgres", "--timeout=5m"]);
  await platform.migratectl("backup", "create", "--type", "full");
  const lags = [await measureLag(platform, loads.light, minutes), await measureLag(platform, loads.heavy, minutes / 3)];
  for (const lag of lags) tell(`${lag.load}: ${JSON.stringify(lagSummary(lag))}`);
  return lags;
}

async function sized(platform: Installed, name: string, extent: Extent, tell: (text: string) => void): Promise<Sized> {
  // The first filling of the table for WAL is part of the data that every round has.
  await makeWal(platform, extent.megabytesOfWal);
  const { document } = await platform.migratectl("backup", "create", "--type", "full");
  const { repositoryBytes } = createdSchema.parse(document).set;
  const bytes = await databaseBytes(platform);
  tell(`${name}: ${formatBytes(bytes)}, ${formatBytes(repositoryBytes)} in the repository`);
  const pairs: Pair[] = [];
  for (let round = 1; round <= extent.rounds; round += 1) {
    const pair = await inPair(platform, round, extent.megabytesOfWal);
    tell(`${name}, round ${round}: ours ${total(pair.ours).toFixed(1)} s, bare ${total(pair.bare).toFixed(1)} s`);
    for (const items of [pair.ours, pair.bare]) tell(items.map((item) => `${item.name} ${item.seconds.toFixed(1)}`).join(", "));
    pairs.push(pair);
  }
  return { name, bytes, repositoryBytes, pairs };
}

/** Each of the two comes first in its turn; both restore the newest full backup, replay as much, and make a full backup. */
async function inPair(platform: Installed, round: number, megabytes: number): Promise<Pair> {
  const wal: number[] = [];
  const ours = async () => {
    wal.push(await makeWal(platform, megabytes));
    await coldCache();
    const items = await restoreByUs(platform);
    await platform.migratectl("backup", "prune", "--yes", "--confirm", release);
    return items;
  };
  const bare = async () => {
    wal.push(await makeWal(platform, megabytes));
    return await restoreByHand(platform, coldCache);
  };
  const bareFirst = round % 2 === 0 ? await bare() : undefined;
  const pair = { ours: await ours(), bare: bareFirst ?? (await bare()) };
  return { ...pair, walBytes: wal.reduce((sum, bytes) => sum + bytes, 0) / wal.length };
}

/** A restore finds nothing in the machine's memory: a repository is larger than that, or on another machine. */
async function coldCache(): Promise<void> {
  await writeFile("/proc/sys/vm/drop_caches", "3");
}
