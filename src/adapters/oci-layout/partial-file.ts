import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Problem } from "../../domain/errors/problem.ts";
import { createOperator } from "../node/operator.ts";

/** A file that becomes another one when it is complete. */
export interface PartialFile {
  readonly file: FileHandle;
  /** Brings it to the disk and gives it its name, whatever had that name before. */
  finish(): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** Who writes a partial file, as its name tells: `<file>.<time>-<machine>-<pid>-<start of the process>-<random>.partial`. */
interface Writer {
  /** Name of the partial file. */
  readonly name: string;
  /** Milliseconds since 1970 by the writer's clock, in base 36. */
  readonly since: string;
  /** Hash of one boot and process table. */
  readonly machine: string;
  readonly pid: number;
  readonly processStart: string;
}

/** Milliseconds without a byte after which a file of another machine, of whose processes nothing is known here, counts as left over. */
const abandonedAfter = 3_600_000;

/**
 * Begins to write `path` in a file of its own, which no other process ever opens: at the worst two commands write in vain, never into each
 * other. What killed writers of `path` left is removed; while one lives that began before, this one gives up.
 * @throws Problem BUNDLE_BUSY, FILE_UNWRITABLE when `path` is a folder; errors of the file system
 */
export async function createPartial(path: string): Promise<PartialFile> {
  if ((await stat(path).catch(() => undefined))?.isDirectory())
    throw new Problem("FILE_UNWRITABLE", { what: `${path} cannot be written: it is a folder` });
  const own = ownWriter(path);
  const partial = join(dirname(path), own.name);
  const file = await open(partial, "wx");
  const discard = async () => {
    await file.close().catch(() => undefined);
    await rm(partial, { force: true });
  };
  try {
    // The file system's clock, which may be that of another machine.
    const now = (await file.stat()).mtimeMs;
    for (const other of await otherWriters(path, own)) await makeWay(path, other, own, now);
  } catch (error) {
    await discard();
    throw error;
  }
  const finish = async () => {
    await file.datasync();
    await file.close();
    await rename(partial, path);
  };
  return { file, finish, discard };
}

/** Removes what a dead writer left. @throws Problem BUNDLE_BUSY when the other one lives and was first */
async function makeWay(path: string, other: Writer, own: Writer, now: number): Promise<void> {
  const partial = join(dirname(path), other.name);
  // What belongs to another user may have to stay; it is in nobody's way but the disk's.
  if (await isLeftOver(other, partial, now)) return rm(partial, { force: true }).catch(() => undefined);
  if (orderOf(other) > orderOf(own)) return;
  const who = other.machine === own.machine ? `process ${other.pid}` : `process ${other.pid} of another machine or container`;
  const since = new Date(Number.parseInt(other.since, 36)).toISOString();
  throw new Problem("BUNDLE_BUSY", {
    what: `${path} is being written by ${who} since ${since}: ${partial}`,
    data: { pid: other.pid, partial },
  });
}

async function isLeftOver({ machine, pid, processStart }: Writer, partial: string, now: number): Promise<boolean> {
  const operator = createOperator();
  const here = operator.holder("");
  if (here.machine !== "" && machine === machineOf(here.machine)) return operator.isGone({ ...here, pid, processStart });
  const info = await stat(partial).catch(() => undefined);
  return info !== undefined && now - info.mtimeMs > abandonedAfter;
}

/** Who came first; times have the same number of digits for the next thousand years. */
function orderOf({ since, name }: Writer): string {
  return `${since} ${name}`;
}

function ownWriter(path: string): Writer {
  const here = createOperator().holder("");
  const since = Date.now().toString(36);
  const machine = machineOf(here.machine);
  const name = `${basename(path)}.${since}-${machine}-${here.pid}-${here.processStart}-${randomBytes(3).toString("hex")}.partial`;
  return { name, since, machine, pid: here.pid, processStart: here.processStart };
}

async function otherWriters(path: string, own: Writer): Promise<readonly Writer[]> {
  const prefix = `${basename(path)}.`;
  return (await readdir(dirname(path))).flatMap((name) => {
    if (!name.startsWith(prefix) || name === own.name) return [];
    const [, since, machine, pid, processStart] =
      /^([0-9a-z]{8})-([0-9a-f]{8})-(\d+)-(\d*)-[0-9a-f]{6}\.partial$/.exec(name.slice(prefix.length)) ?? [];
    if (since === undefined || machine === undefined || pid === undefined || processStart === undefined) return [];
    return [{ name, since, machine, pid: Number(pid), processStart }];
  });
}

function machineOf(machine: string): string {
  return createHash("sha256").update(machine).digest("hex").slice(0, 8);
}
