import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readArchive, type WalArchive } from "../../../src/domain/recovery/archive.ts";
import { readListing } from "../../../src/domain/recovery/archive-files.ts";
import type { CommitMoment } from "../../../src/domain/recovery/commits.ts";
import type { Instant } from "../../../src/domain/recovery/instant.ts";
import { defaultSegmentBytes, parseLsn } from "../../../src/domain/recovery/lsn.ts";
import type { RecoveryFacts } from "../../../src/domain/recovery/reach.ts";
import { type BackupRepository, parseExactJson, readRepository } from "../../../src/domain/recovery/repository.ts";
import { usableSets } from "../../../src/domain/recovery/repository-checks.ts";
import { parseTime } from "../../../src/domain/recovery/time.ts";

/**
 * What Postgres 17.12 and pgBackRest 2.60 (encrypted, zst) said of a real database that was restored three times:
 * timeline 1 at 0/A0057A0 to 2, timeline 1 again at 0/B001B50 to 3, timeline 2 at 0/E001EE8 to 4.
 */
const folder = join(import.meta.dirname, "../../fixtures/recovery/four-timelines");
const text = (name: string): string => readFileSync(join(folder, name), "utf8");

export const infoText = text("info.json");
export const repository: BackupRepository = readRepository(parseExactJson(infoText), "main");
export const listing: unknown = JSON.parse(text("archive.json"));
export const histories = Object.fromEntries(globSync("*.history", { cwd: folder }).map((path) => [basename(path), text(path)]));

/** The archive, without the files whose path holds one of these. */
export function archiveWithout(...lost: readonly string[]): WalArchive {
  const files = readListing(listing).filter(({ path }) => !lost.some((part) => path.includes(part)));
  return readArchive({ files, histories, databaseId: 1, version: "17", segmentBytes: defaultSegmentBytes });
}

/** First and last commit of each segment and those next to a fork, as pg_waldump shows them. */
const moments: readonly CommitMoment[] = text("commits.txt")
  .trim()
  .split("\n")
  .map((line) => {
    const [segment = "", position = "", at = ""] = line.split(" ");
    const lsn = parseLsn(position);
    if (lsn === undefined) throw new RangeError(`${line} is not a line of commits`);
    return { timeline: Number.parseInt(segment.slice(0, 8), 16), lsn, at: time(at) };
  });

/** The facts of the fixture, without the files whose path holds one of these. */
export function factsWithout(...lost: readonly string[]): RecoveryFacts {
  const archive = archiveWithout(...lost);
  const present = new Set(archive.timelines.flatMap(({ id, spans }) => spans.flatMap(({ first, last }) => numbered(id, first, last))));
  return {
    sets: usableSets(repository, 1),
    archive,
    moments: moments.filter(({ timeline, lsn }) => present.has(`${timeline}/${lsn / BigInt(defaultSegmentBytes)}`)),
    living: 4,
  };
}

/** A moment, for tests. */
export function time(text: string): Instant {
  return parseTime(text, "UTC");
}

/** A minute after everything in the fixture. */
export const now: Instant = time("2026-11-25T07:15:32Z");

function numbered(timeline: number, first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${timeline}/${first + index}`);
}
