import { z } from "zod";
import { assertNever } from "../../domain/assert-never.ts";
import type { WriteKeyResult } from "../../workflow/backup/write-key.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("BackupKey"),
  outcome: z.enum(["planned", "written", "shown"]),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  /** File that holds the key; absent when it was asked for on stdout. The key itself is never in this document. */
  file: z.string().optional(),
});

/** Where the key of the backups was written. */
export const backupKeyPresenter: Presenter<Sized<WriteKeyResult>> = {
  name: "backup-key",
  schema,
  json: (result) => ({
    apiVersion: "migratectl/v1",
    kind: "BackupKey",
    outcome: result.kind,
    ...(result.profile === undefined ? {} : { profile: result.profile }),
    ...(result.kind === "shown" ? {} : { file: result.file }),
  }),
  text(result, style) {
    const size = profilePhrase(result.profile, style);
    switch (result.kind) {
      case "planned":
        return `The key would be written to ${result.file}${size}. Nothing was written (--dry-run).`;
      case "written":
        return [
          `${style.green("written")}: ${result.file}, which only you can read${size}`,
          "  Keep it outside the cluster, apart from the backups: without it no backup can be read, and with it every one can.",
        ].join("\n");
      case "shown":
        return result.key;
      default:
        return assertNever(result);
    }
  },
};
