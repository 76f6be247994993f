import { z } from "zod";
import { Problem } from "../errors/problem.ts";
import { type Instant, instantOfSeconds } from "./instant.ts";
import { type Lsn, parseLsn } from "./lsn.ts";
import { repositoryFailure } from "./repository-failure.ts";
import { cataloguedPoints, type RestorePoint } from "./restore-point.ts";

/** How a backup was made: all files, what changed since the last full one, what changed since the last one. */
export const backupTypes = ["full", "diff", "incr"] as const;
/** How a backup was made. */
export type BackupType = (typeof backupTypes)[number];

/** One backup of the repository. */
export interface BackupSet {
  /** pgBackRest's name for it: `20261125-071313F_20261125-071319D`. */
  readonly label: string;
  readonly type: BackupType;
  /** Which of the repository's {@link RepositoryDatabase}s it is of. */
  readonly databaseId: number;
  /** The timeline that was written while it was made. */
  readonly timeline: number;
  readonly startLsn: Lsn;
  /** Where its files become consistent: nothing before this can be recovered from it. */
  readonly stopLsn: Lsn;
  readonly startedAt: Instant;
  /** Whole seconds by Postgres' clock, cut off: the backup may have ended up to a second later. */
  readonly finishedAt: Instant;
  /** File names of the first and the last segment that it needs. */
  readonly archiveStart: string;
  readonly archiveStop: string;
  /** Bytes of the database. */
  readonly bytes: number;
  /** Bytes in the repository for this set and all it needs. */
  readonly repositoryBytes: number;
  /** Labels of the other sets that it needs, in the order in which they were made. */
  readonly needs: readonly string[];
  /** True when pgBackRest found pages with wrong checksums while it made it. */
  readonly error: boolean;
}

/** A database that the repository was made for; there is another one after each change of the major version. */
export interface RepositoryDatabase {
  readonly id: number;
  /** 64 bits in decimal; a number would lose the last digits. */
  readonly systemId: string;
  /** Major version of Postgres: `17`. */
  readonly version: string;
}

/** Status of a stanza whose files pgBackRest could not read. */
const otherFailure = 99;

/** What pgBackRest says about one stanza. */
export interface BackupRepository {
  readonly stanza: string;
  /** 0 is fine, 2 is "no valid backups"; the message is pgBackRest's. */
  readonly status: { readonly code: number; readonly message: string };
  readonly cipher: string;
  /** Oldest first; the last one is current. */
  readonly databases: readonly RepositoryDatabase[];
  /** Oldest first. */
  readonly sets: readonly BackupSet[];
  /** Restore points that the sets catalogue, oldest first, each with the database whose WAL holds it. */
  readonly restorePoints: readonly (RestorePoint & Pick<BackupSet, "databaseId">)[];
  /** Labels of backups that were made offline or without archive check: they name no WAL, so that nothing can be recovered from them. */
  readonly withoutWal: readonly string[];
}

const lsnText = z.string().transform((text, context) => {
  const lsn = parseLsn(text);
  if (lsn === undefined) context.addIssue({ code: "custom", message: `${text} is no LSN` });
  return lsn ?? z.NEVER;
});
const segmentText = z.string().regex(/^[0-9A-F]{24}$/, "a segment's name has 24 hex digits");
const backupSchema = z.object({
  label: z.string().min(1),
  type: z.enum(backupTypes),
  database: z.object({ id: z.int(), "repo-key": z.int().default(1) }),
  archive: z.object({ start: segmentText.nullish(), stop: segmentText.nullish() }),
  lsn: z.object({ start: lsnText, stop: lsnText }).nullish(),
  timestamp: z.object({ start: z.int(), stop: z.int() }),
  info: z.object({ size: z.number(), repository: z.object({ size: z.number().optional(), delta: z.number() }) }),
  prior: z.string().nullish(),
  reference: z.array(z.string()).nullish(),
  error: z.boolean().nullish(),
  annotation: z.record(z.string(), z.string()).nullish(),
});
const statusSchema = z.object({ code: z.int(), message: z.string() });
const stanzaSchema = z.object({
  name: z.string(),
  status: statusSchema,
  repo: z.array(z.object({ key: z.int(), status: statusSchema })).default([]),
  cipher: z.string().default("none"),
  db: z.array(
    z.object({
      id: z.int(),
      "repo-key": z.int().default(1),
      "system-id": z.union([z.string().regex(/^\d+$/), z.int().transform(String)]),
      version: z.string(),
    }),
  ),
  backup: z.array(backupSchema),
});
type StanzaInfo = z.output<typeof stanzaSchema>;

/**
 * Reads JSON whose integers may be larger than a double holds exactly; those become decimal strings.
 * System identifiers are such: two clusters founded in the same second may differ in the digits that JSON.parse alone would lose.
 * @throws SyntaxError
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? value) : value,
  );
}

/**
 * Reads what `pgbackrest info --output=json` printed about one stanza, out of the repository of that key (`repo1`: 1).
 * It has to be parsed by {@link parseExactJson}: an identifier that was rounded is refused.
 * @throws Problem REPOSITORY_UNREADABLE when it is not pgBackRest's answer; REPOSITORY_EMPTY when it knows no such stanza;
 * REPOSITORY_KEY_WRONG
 */
export function readRepository(answer: unknown, stanza: string, repositoryKey = 1): BackupRepository {
  const parsed = z.array(stanzaSchema).safeParse(answer);
  if (!parsed.success) {
    throw new Problem("REPOSITORY_UNREADABLE", { what: `pgBackRest's answer is not understood: ${z.prettifyError(parsed.error)}` });
  }
  const info = parsed.data.find(({ name }) => name === stanza);
  if (info === undefined) {
    throw new Problem("REPOSITORY_EMPTY", { what: `The repository knows no stanza ${stanza}.`, data: { stanza } });
  }
  if (info.status.code === otherFailure) {
    const own = info.repo.find(({ key }) => key === repositoryKey);
    throw repositoryFailure({ cipher: info.cipher, message: own?.status.message ?? info.status.message });
  }
  const backups = info.backup.filter((one) => one.database["repo-key"] === repositoryKey);
  const sets = backups.flatMap((one) => setOf(one, backups));
  return {
    stanza,
    status: { code: info.status.code, message: info.status.message },
    cipher: info.cipher,
    databases: info.db
      .filter((one) => one["repo-key"] === repositoryKey)
      .map((one) => ({ id: one.id, systemId: one["system-id"], version: one.version })),
    sets,
    restorePoints: backups
      .flatMap(({ annotation, database: { id } }) => cataloguedPoints(annotation ?? {}).map((point) => ({ ...point, databaseId: id })))
      .toSorted((a, b) => Number(a.at - b.at)),
    withoutWal: backups.map(({ label }) => label).filter((label) => !sets.some((set) => set.label === label)),
  };
}

function setOf(one: StanzaInfo["backup"][number], all: StanzaInfo["backup"]): readonly BackupSet[] {
  const { archive, lsn, timestamp } = one;
  if (!archive.start || !archive.stop || !lsn) return [];
  return [
    {
      label: one.label,
      type: one.type,
      databaseId: one.database.id,
      timeline: Number.parseInt(archive.start.slice(0, 8), 16),
      startLsn: lsn.start,
      stopLsn: lsn.stop,
      startedAt: instantOfSeconds(timestamp.start),
      finishedAt: instantOfSeconds(timestamp.stop),
      archiveStart: archive.start,
      archiveStop: archive.stop,
      bytes: one.info.size,
      repositoryBytes: one.info.repository.size ?? one.info.repository.delta,
      needs: neededBy(one, all),
      error: one.error ?? false,
    },
  ];
}

/** `reference` names sets whose files are used, which the prior set need not be among; its loss counts all the same. */
function neededBy(one: StanzaInfo["backup"][number], all: StanzaInfo["backup"]): readonly string[] {
  const found = new Set<string>();
  const look = (label: string): void => {
    if (found.has(label)) return;
    found.add(label);
    const other = all.find((candidate) => candidate.label === label);
    for (const next of [other?.prior, ...(other?.reference ?? [])]) if (next) look(next);
  };
  for (const next of [one.prior, ...(one.reference ?? [])]) if (next) look(next);
  found.delete(one.label);
  return [...found].toSorted();
}
