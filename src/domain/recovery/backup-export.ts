import { z } from "zod";
import { Problem } from "../errors/problem.ts";
import { segmentAt } from "./lsn.ts";
import type { BackupRepository } from "./repository.ts";

/** A file of the repository, by its path below the repository's root: `archive/main/17-1/0000000100000000/…`. */
export interface RepositoryFile {
  readonly path: string;
  readonly bytes: number;
}

/** pgBackRest and migratectl make no other names; nothing else is ever written below a repository's root. */
const pathSchema = z
  .string()
  .regex(/^(archive|backup|migratectl)(\/[A-Za-z0-9_][A-Za-z0-9_.:+@-]*)+$/, "must be a path below archive, backup or migratectl")
  .max(240);

/** What an export says about itself, in front of the files. */
export const backupExportSchema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("BackupExport"),
  createdAt: z.iso.datetime(),
  /** The release that it is of; the version is that of the platform. */
  release: z.strictObject({ name: z.string(), namespace: z.string(), version: z.string() }),
  systemId: z.string().regex(/^\d+$/),
  /** Major version of Postgres. */
  postgres: z.string(),
  /** How the repository is encrypted, in pgBackRest's words; `none` for a repository in clear. */
  cipher: z.string(),
  sets: z.array(z.strictObject({ label: z.string(), type: z.string(), finishedAt: z.string() })),
  /** In the order in which they are in the export. */
  files: z.array(z.strictObject({ path: pathSchema, bytes: z.int().nonnegative() })),
});

/** What an export says about itself. */
export type BackupExport = Readonly<z.infer<typeof backupExportSchema>>;

/** Bytes of all files of an export. */
export function exportedBytes({ files }: Pick<BackupExport, "files">): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * The files that an export takes, in order: the catalogues of pgBackRest first, which change while the database runs, then what never changes
 * once it is written. With a label only that set, the sets that it needs, and all WAL from its beginning on.
 * @throws Problem BACKUP_UNKNOWN when there is no such set
 */
export function filesToExport(
  all: readonly RepositoryFile[],
  { sets, stanza }: Pick<BackupRepository, "sets" | "stanza">,
  only: { readonly label: string; readonly segmentBytes: number } | undefined,
): readonly RepositoryFile[] {
  const known = all.filter(({ path }) => pathSchema.safeParse(path).success);
  const chosen = only === undefined ? complete(known, { sets, stanza }) : known.filter(ofSet({ sets, stanza }, only));
  return [...chosen.filter(({ path }) => isCatalogue(path)), ...chosen.filter(({ path }) => !isCatalogue(path))];
}

/** Without backups that are being made just now: what no catalogue lists is no set yet. */
function complete(
  files: readonly RepositoryFile[],
  { sets, stanza }: Pick<BackupRepository, "sets" | "stanza">,
): readonly RepositoryFile[] {
  const labels = new Set(sets.map(({ label }) => label));
  return files.filter(({ path }) => {
    const label = labelIn(path, stanza);
    return label === undefined || labels.has(label);
  });
}

function ofSet(
  { sets, stanza }: Pick<BackupRepository, "sets" | "stanza">,
  { label, segmentBytes }: { readonly label: string; readonly segmentBytes: number },
): (file: RepositoryFile) => boolean {
  const set = sets.find((one) => one.label === label);
  if (set === undefined) throw new Problem("BACKUP_UNKNOWN", { what: `The repository holds no backup ${label}.`, data: { label } });
  const labels = new Set([label, ...set.needs]);
  const oldest = sets.filter((one) => labels.has(one.label)).reduce((low, one) => (one.startLsn < low ? one.startLsn : low), set.startLsn);
  const first = segmentAt(oldest, segmentBytes);
  return ({ path }) => {
    const within = labelIn(path, stanza);
    if (within !== undefined) return labels.has(within);
    const segment = /\/([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})-[0-9a-f]{40}[^/]*$/.exec(path);
    if (segment === null) return true;
    const perLog = Math.floor(2 ** 32 / segmentBytes);
    return Number.parseInt(segment[2] ?? "", 16) * perLog + Number.parseInt(segment[3] ?? "", 16) >= first;
  };
}

/** The set that a file belongs to; undefined for catalogues, histories, WAL. */
function labelIn(path: string, stanza: string): string | undefined {
  return new RegExp(`^backup/${stanza}/(?:backup\\.history/\\d{4}/)?(\\d{8}-\\d{6}F(?:_\\d{8}-\\d{6}[DI])?)(?:/|\\.manifest)`).exec(
    path,
  )?.[1];
}

function isCatalogue(path: string): boolean {
  return /\/(archive|backup)\.info(\.copy)?$/.test(path) || path.startsWith("migratectl/");
}
