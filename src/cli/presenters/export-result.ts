import { z } from "zod";
import { counted, formatBytes, formatSeconds } from "../../domain/units.ts";
import type { ExportResult } from "../../workflow/backup/export-backups.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("ExportResult"),
  outcome: z.enum(["planned", "exported"]),
  path: z.string(),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  systemId: z.string(),
  /** How the repository, and with it the export, is encrypted; `none` when it is not. */
  cipher: z.string(),
  sets: z.array(z.strictObject({ label: z.string(), type: z.string(), finishedAt: z.string() })),
  files: z.int(),
  /** Bytes of the export; of the files in it under --dry-run. */
  bytes: z.number(),
  /** Files that an interrupted run had written already. */
  resumed: z.int(),
  seconds: z.number(),
});

/** The export that was written. */
export const exportPresenter: Presenter<Sized<ExportResult>> = {
  name: "export-result",
  schema,
  json: ({ kind, path, manifest, bytes, resumed, seconds, profile }) => ({
    apiVersion: "migratectl/v1",
    kind: "ExportResult",
    outcome: kind,
    path,
    ...(profile === undefined ? {} : { profile }),
    systemId: manifest.systemId,
    cipher: manifest.cipher,
    sets: manifest.sets.map((set) => ({ ...set })),
    files: manifest.files.length,
    bytes,
    resumed,
    seconds,
  }),
  text({ kind, path, manifest, bytes, resumed, seconds, profile }, style) {
    const what = `${counted(manifest.sets.length, "backup")} in ${counted(manifest.files.length, "file")}, ${formatBytes(bytes)}${profilePhrase(profile, style)}`;
    if (kind === "planned") return `Would export ${what} to ${path}. Nothing was written (--dry-run).`;
    const locked =
      manifest.cipher === "none"
        ? style.yellow("  not encrypted: whoever has the file has the data")
        : `  encrypted (${manifest.cipher}): of no use without the key`;
    const again = resumed === 0 ? "" : `, ${counted(resumed, "file")} of it before`;
    return [
      `${style.green("exported")} ${path} in ${formatSeconds(seconds)}${again}: ${what}`,
      locked,
      `  install it elsewhere: migratectl install --from-backup ${path}`,
    ].join("\n");
  },
};
