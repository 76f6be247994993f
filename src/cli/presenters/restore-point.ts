import { z } from "zod";
import type { MadeRestorePoint } from "../../workflow/backup/make-restore-point.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("RestorePoint"),
  outcome: z.enum(["planned", "made"]),
  name: z.string(),
  /** Label of the full backup that catalogues it: it can be reached as long as that one is kept. */
  set: z.string(),
  /** Where it stands; absent in a dry run. */
  point: z.strictObject({ timeline: z.int(), lsn: z.string(), at: z.string() }).optional(),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
});

/** A restore point that was made. */
export const restorePointPresenter: Presenter<Sized<MadeRestorePoint>> = {
  name: "restore-point",
  schema,
  json: ({ name, set, point, profile }) => ({
    apiVersion: "migratectl/v1",
    kind: "RestorePoint",
    outcome: point === undefined ? "planned" : "made",
    name,
    set,
    ...(point === undefined ? {} : { point: { timeline: point.timeline, lsn: point.lsn, at: point.at.toISOString() } }),
    ...(profile === undefined ? {} : { profile }),
  }),
  text: ({ name, set, point, profile }, style) =>
    point === undefined
      ? `Would name this moment ${name}, catalogued at backup ${set}${profilePhrase(profile, style)}. Nothing was changed (--dry-run).`
      : [
          `${style.green("named")}: ${name} at ${point.at.toISOString()} (timeline ${point.timeline}, LSN ${point.lsn})${profilePhrase(profile, style)}`,
          `  migratectl backup restore --to-name ${name} goes back to it, as long as backup ${set} is kept`,
        ].join("\n"),
};
