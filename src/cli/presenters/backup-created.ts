import { z } from "zod";
import { formatInstant } from "../../domain/recovery/instant.ts";
import { backupTypes } from "../../domain/recovery/repository.ts";
import { counted, formatBytes } from "../../domain/units.ts";
import type { CreateBackupResult } from "../../workflow/backup/create-backup.ts";
import { backupSetJson, backupSetSchema } from "./backup-set.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("BackupCreated"),
  outcome: z.enum(["planned", "made"]),
  /** What was asked for; the first backup of a repository is a full one, whatever was asked. */
  asked: z.enum(backupTypes),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  /** Absent under --dry-run. */
  set: backupSetSchema.optional(),
  seconds: z.number(),
});

/** The backup that was made. */
export const backupCreatedPresenter: Presenter<Sized<CreateBackupResult>> = {
  name: "backup-created",
  schema,
  json: ({ kind, asked, standing, seconds, profile }) => ({
    apiVersion: "migratectl/v1",
    kind: "BackupCreated",
    outcome: kind,
    asked,
    ...(profile === undefined ? {} : { profile }),
    ...(standing === undefined ? {} : { set: backupSetJson(standing.set) }),
    seconds,
  }),
  text({ asked, standing, seconds, profile }, style) {
    if (standing === undefined)
      return `A ${asked} backup would be made${profilePhrase(profile, style)}, while the platform is in service. Nothing was changed (--dry-run).`;
    const { set, segments } = standing;
    const other = set.type === asked ? "" : ` (a ${asked} one was asked for, and there was nothing for it to build on)`;
    return [
      `${style.green("backed up")}: ${set.label}, ${set.type}${other}, in ${seconds.toFixed(0)} s${profilePhrase(profile, style)}`,
      `  ${formatBytes(set.bytes)} of database, ${formatBytes(set.repositoryBytes)} in the repository; ${counted(segments, "segment")} of WAL that it needs ${segments === 1 ? "is" : "are"} archived`,
      `  can be restored from ${formatInstant(set.finishedAt)} on, on timeline ${set.timeline}`,
    ].join("\n");
  },
};
