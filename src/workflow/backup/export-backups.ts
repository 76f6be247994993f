import { Problem } from "../../domain/errors/problem.ts";
import { type BackupExport, exportedBytes, filesToExport, type RepositoryFile } from "../../domain/recovery/backup-export.ts";
import { formatInstant } from "../../domain/recovery/instant.ts";
import { defaultSegmentBytes } from "../../domain/recovery/lsn.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ExportFiles } from "../../ports/export-file.ts";
import type { Progress } from "../../ports/progress.ts";
import type { RepositoryFiles } from "../../ports/repository-files.ts";
import { readOwnRepository } from "./survey.ts";

/** What a person asked for. */
export interface ExportRequest {
  /** File to write. */
  readonly out: string;
  /** Only this set, what it needs, and the WAL from its beginning on. */
  readonly set: string | undefined;
  readonly release: BackupExport["release"];
  readonly dryRun: boolean;
}

/** What exporting works through. */
export interface ExportPorts {
  readonly host: BackupHost;
  readonly files: RepositoryFiles;
  readonly exports: ExportFiles;
  readonly clock: Clock;
  readonly progress: Progress;
}

/** How exporting ended well. */
export interface ExportResult {
  readonly kind: "planned" | "exported";
  readonly path: string;
  readonly manifest: BackupExport;
  /** Bytes of the file; of the files in it in a dry run. */
  readonly bytes: number;
  /** Files that an interrupted run had written. */
  readonly resumed: number;
  readonly seconds: number;
}

/** Milliseconds that giving the sets free gets, also once the command was stopped. */
const releaseWithin = 10_000;

/**
 * Writes the repository, or one set with its WAL, into one file. The files go as they lie in the repository, so that what is encrypted there is
 * encrypted in the export; no set is taken away meanwhile. Interrupted, the same command goes on, unless the sets have changed.
 * @throws Problem EXPORT_*, BACKUP_UNKNOWN, BACKUP_HOST_*, REPOSITORY_*, DISK_FULL, FILE_UNWRITABLE
 */
export async function exportBackups(ports: ExportPorts, request: ExportRequest, signal: AbortSignal): Promise<ExportResult> {
  const { files, clock, progress } = ports;
  if (request.dryRun) {
    const { manifest } = await chosenFiles(ports, request, signal);
    return { kind: "planned", path: request.out, manifest, bytes: exportedBytes(manifest), resumed: 0, seconds: 0 };
  }
  const began = clock.now().getTime();
  await files.hold(signal);
  try {
    const written = await write(ports, request, signal);
    return { ...written, kind: "exported", path: request.out, seconds: (clock.now().getTime() - began) / 1000 };
  } finally {
    // It ends by itself: what was written is no worse for it.
    const free = files.release(AbortSignal.timeout(releaseWithin));
    await free.catch(() =>
      progress.tell({ kind: "note", text: "Old backups are kept for up to six hours more: the hold could not be ended." }),
    );
  }
}

/** What is to be written, and every file that the repository has. */
async function chosenFiles(
  { host, files, clock }: ExportPorts,
  request: ExportRequest,
  signal: AbortSignal,
): Promise<{ readonly manifest: BackupExport; readonly listed: readonly RepositoryFile[] }> {
  const inspection = await host.inspect(signal);
  const { repository, database } = readOwnRepository(inspection);
  const segmentBytes = inspection.primary?.segmentBytes ?? defaultSegmentBytes;
  const listed = await files.list(signal);
  const chosen = filesToExport(listed, repository, request.set === undefined ? undefined : { label: request.set, segmentBytes });
  if (repository.sets.length === 0 || chosen.length === 0)
    throw new Problem("REPOSITORY_EMPTY", { what: "There is no backup in the repository." });
  const manifest: BackupExport = {
    apiVersion: "migratectl/v1",
    kind: "BackupExport",
    createdAt: clock.now().toISOString(),
    release: request.release,
    systemId: database.systemId,
    postgres: database.version,
    cipher: repository.cipher,
    sets: repository.sets
      .filter(({ label }) => chosen.some(({ path }) => path.includes(`/${label}/`)))
      .map(({ label, type, finishedAt }) => ({ label, type, finishedAt: formatInstant(finishedAt) })),
    files: chosen.map(({ path, bytes }) => ({ path, bytes })),
  };
  return { manifest, listed };
}

async function write(
  ports: ExportPorts,
  request: ExportRequest,
  signal: AbortSignal,
): Promise<Pick<ExportResult, "manifest" | "bytes" | "resumed">> {
  const { files, exports, progress } = ports;
  const { manifest, listed } = await chosenFiles(ports, request, signal);
  const whole = { ...manifest, ...stillThere(await exports.begun(request.out), manifest, listed) };
  const [id, title, total] = ["export", `Export ${whole.files.length} files`, exportedBytes(whole)];
  progress.tell({ kind: "planned", actions: [{ id, title }] });
  progress.tell({ kind: "started", id, title });
  const advance = (done: number): void =>
    progress.tell({ kind: "advanced", id, advance: { done: Math.min(done, total), total, unit: "bytes" } });
  const { bytes, resumed } = await exports.write(request.out, whole, files, advance, signal);
  progress.tell({ kind: "done", id });
  return { manifest: whole, bytes, resumed };
}

/** What an interrupted run began, if it was of the same sets and all that it was to write is still there. */
function stillThere(begun: BackupExport | undefined, now: BackupExport, listed: readonly RepositoryFile[]): BackupExport | undefined {
  if (begun === undefined || begun.systemId !== now.systemId) return undefined;
  if (JSON.stringify(begun.sets) !== JSON.stringify(now.sets)) return undefined;
  const there = new Map(listed.map(({ path, bytes }) => [path, bytes]));
  return begun.files.every(({ path, bytes }) => there.get(path) === bytes) ? begun : undefined;
}
