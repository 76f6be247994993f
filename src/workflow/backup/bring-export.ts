import { Problem } from "../../domain/errors/problem.ts";
import { exportedBytes, type RepositoryFile } from "../../domain/recovery/backup-export.ts";
import type { OpenExport } from "../../ports/export-file.ts";
import type { Advance } from "../../ports/progress.ts";
import type { RepositoryFiles } from "../../ports/repository-files.ts";

/** Files and bytes that are brought at once; what was brought of a batch that is cut off is brought again. */
const [filesAtOnce, bytesAtOnce] = [40, 256 * 1024 * 1024];

/** Files whose checksums are asked for at once. */
const comparedAtOnce = 40;

/**
 * Brings the files of an export into an empty repository, proves each by its checksum, and only then puts them in use. Interrupted, it goes on
 * with what is missing; done already, it changes nothing.
 * @throws Problem REPOSITORY_NOT_EMPTY, EXPORT_DAMAGED, EXEC_FAILED, BACKUP_HOST_*
 */
export async function bringExport(
  opened: OpenExport,
  files: RepositoryFiles,
  advance: (advance: Advance) => void,
  signal: AbortSignal,
): Promise<void> {
  const wanted = opened.manifest.files;
  const [there, staged] = [await files.list(signal), await files.staged(signal)];
  const has = (some: readonly RepositoryFile[]): ((file: RepositoryFile) => boolean) => {
    const sizes = new Map(some.map(({ path, bytes }) => [path, bytes]));
    return ({ path, bytes }) => sizes.get(path) === bytes;
  };
  const missing = wanted.filter((file) => !has(there)(file) && !has(staged)(file));
  if (missing.length > 0 && there.length > 0)
    throw new Problem("REPOSITORY_NOT_EMPTY", {
      what: `the repository holds ${there.length} files, among them not all of ${opened.path}`,
    });
  if (there.length > 0) return await files.settle(signal);
  const total = exportedBytes(opened.manifest);
  const altered = await differing(staged.filter(has(wanted)), opened, files, signal);
  const open = wanted.filter((file) => missing.includes(file) || altered.has(file.path));
  let done = total - exportedBytes({ files: open });
  for (const batch of batches(open)) {
    await files.stage(batch, contents(opened, batch), signal);
    done += exportedBytes({ files: [...batch] });
    advance({ done, total, unit: "bytes" });
  }
  const wrong = await differing(open, opened, files, signal);
  if (wrong.size > 0)
    throw new Problem("BACKUP_HOST_STRANGE", { what: `${wrong.size} files came to the repository's volume other than they were sent` });
  await files.settle(signal);
}

/** Paths of the files that were brought and are not what the export holds. */
async function differing(
  some: readonly RepositoryFile[],
  { sums }: OpenExport,
  files: RepositoryFiles,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const wrong = new Set<string>();
  for (let first = 0; first < some.length; first += comparedAtOnce) {
    const paths = some.slice(first, first + comparedAtOnce).map(({ path }) => path);
    const found = await files.sums(paths, signal, "staged");
    for (const [index, path] of paths.entries()) if (found[index] !== sums.get(path)) wrong.add(path);
  }
  return wrong;
}

function* batches(files: readonly RepositoryFile[]): Generator<readonly RepositoryFile[]> {
  let batch: RepositoryFile[] = [];
  for (const file of files) {
    const full = batch.length >= filesAtOnce || exportedBytes({ files: batch }) + file.bytes > bytesAtOnce;
    if (full && batch.length > 0) {
      yield batch;
      batch = [];
    }
    batch.push(file);
  }
  if (batch.length > 0) yield batch;
}

async function* contents(opened: OpenExport, batch: readonly RepositoryFile[]): AsyncGenerator<Uint8Array> {
  for (const file of batch) yield* opened.content(file);
}
