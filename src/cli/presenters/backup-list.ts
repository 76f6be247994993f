import { z } from "zod";
import type { Beside } from "../../domain/recovery/drill.ts";
import { formatInstant } from "../../domain/recovery/instant.ts";
import { formatLsn } from "../../domain/recovery/lsn.ts";
import { drawWindows } from "../../domain/recovery/picture.ts";
import { whyUnusable } from "../../domain/recovery/repository-checks.ts";
import { reachesOf } from "../../domain/recovery/resolve-place.ts";
import { formatBytes } from "../../domain/units.ts";
import type { Surveyed } from "../../workflow/backup/survey.ts";
import { backupSetJson, backupSetSchema } from "./backup-set.ts";
import { besideJson, besideRows, besideSchema } from "./beside.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";
import { type Style, table } from "./style.ts";

const pointSchema = z.strictObject({ at: z.string(), lsn: z.string() });
const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("BackupList"),
  database: z.strictObject({ systemId: z.string(), version: z.string() }),
  /** The timeline that is being written. */
  timeline: z.int(),
  encryption: z.string(),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  /** Spans of time of which every moment can be restored, by timeline and then by time. */
  windows: z.array(
    z.strictObject({
      timeline: z.int(),
      from: pointSchema,
      to: pointSchema,
      sets: z.array(z.string()),
      /** True when what is being written now descends from it. */
      living: z.boolean(),
      endsBecause: z.enum(["now", "hole", "forked away", "abandoned"]),
    }),
  ),
  /** Segments that are missing from the archive, or are in it more than once with different content. */
  holes: z.array(z.strictObject({ timeline: z.int(), kind: z.enum(["missing", "ambiguous"]), first: z.string(), last: z.string() })),
  /** Segments that could not be read. */
  unreadable: z.array(z.strictObject({ segment: z.string(), error: z.string() })),
  /** Moments that were given a name, oldest first. */
  restorePoints: z.array(z.strictObject({ name: z.string(), timeline: z.int(), at: z.string(), lsn: z.string(), reachable: z.boolean() })),
  /** Oldest first. */
  sets: z.array(backupSetSchema),
  ...besideSchema,
});

/** The repository, and what was and is restored from it beside the database. */
export type BackupListing = Surveyed & { readonly beside: Beside };

/** Columns of the picture where nothing folds. */
const widestPicture = 100;

/** Sets and windows. */
export const backupListPresenter: Presenter<Sized<BackupListing>> = {
  name: "backup-list",
  schema,
  json: ({ repository, database, survey, archive, restorePoints, unreadable, beside, profile }) => ({
    apiVersion: "migratectl/v1",
    kind: "BackupList",
    database: { systemId: database.systemId, version: database.version },
    timeline: survey.facts.living,
    encryption: repository.cipher,
    ...(profile === undefined ? {} : { profile }),
    windows: survey.windows.map(({ timeline, from, to, sets, living, endsBecause }) => ({
      timeline,
      from: { at: formatInstant(from.at), lsn: formatLsn(from.lsn) },
      to: { at: formatInstant(to.at), lsn: formatLsn(to.lsn) },
      sets: [...sets],
      living,
      endsBecause,
    })),
    holes: archive.timelines.flatMap(({ holes }) =>
      holes.map(({ timeline, kind, firstName, lastName }) => ({ timeline, kind, first: firstName, last: lastName })),
    ),
    unreadable: unreadable.map(({ segment, error }) => ({ segment, error })),
    restorePoints: restorePoints.map((point) => ({
      name: point.name,
      timeline: point.timeline,
      at: formatInstant(point.at),
      lsn: formatLsn(point.lsn),
      reachable: reachesOf(point, survey.reaches).length > 0,
    })),
    sets: repository.sets.map((set) => backupSetJson(set, whyUnusable(set, repository))),
    ...besideJson(beside),
  }),
  text: ({ repository, survey, restorePoints, unreadable, beside, profile }, style) =>
    [
      style.bold("every moment in a window can be restored"),
      ...drawWindows(survey, restorePoints, style, Math.min(style.columns, widestPicture)),
      ...unreadable.map(({ segment, error }) => style.red(`cannot be read: ${segment}: ${error}`)),
      ...pointLines({ survey, restorePoints }, style),
      "",
      `${style.bold(`backups (${repository.cipher === "none" ? "not encrypted" : repository.cipher})`)}${profilePhrase(profile, style)}`,
      table([
        ["label", "type", "timeline", "finished", "database", "repository", ""].map(style.dim),
        ...repository.sets.map((set) => [
          set.label,
          set.type,
          String(set.timeline),
          formatInstant(set.finishedAt),
          formatBytes(set.bytes),
          formatBytes(set.repositoryBytes),
          style.red(whyUnusable(set, repository) ?? ""),
        ]),
      ]),
      ...(besideRows(beside, style).length === 0 ? [] : ["", table(besideRows(beside, style))]),
    ].join("\n"),
};

function pointLines({ survey, restorePoints }: Pick<Surveyed, "survey" | "restorePoints">, style: Style): readonly string[] {
  if (restorePoints.length === 0) return [];
  const rows = restorePoints.map((point) => [
    point.name,
    String(point.timeline),
    formatInstant(point.at),
    reachesOf(point, survey.reaches).length > 0 ? "" : style.red("no backup leads there"),
  ]);
  return ["", style.bold("restore points"), table([["name", "timeline", "at", ""].map(style.dim), ...rows])];
}
