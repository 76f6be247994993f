import { z } from "zod";
import { assertNever } from "../../domain/assert-never.ts";
import { formatBytes } from "../../domain/units.ts";
import type { DataDirectory } from "../../ports/backup-host.ts";
import type { PruneResult } from "../../workflow/backup/prune-restores.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";
import { table } from "./style.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("PruneResult"),
  outcome: z.enum(["planned", "nothing", "pruned"]),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  removed: z.array(z.strictObject({ name: z.string(), bytes: z.number(), replacedBy: z.string().optional(), unfinished: z.boolean() })),
  /** Bytes that the data volume has left. */
  free: z.number(),
});

/** What pruning removed. */
export const prunePresenter: Presenter<Sized<PruneResult>> = {
  name: "prune-result",
  schema,
  json: ({ kind, directories, free, profile }) => ({
    apiVersion: "migratectl/v1",
    kind: "PruneResult",
    outcome: kind,
    ...(profile === undefined ? {} : { profile }),
    removed: directories.map(({ name, bytes, replacedBy, unfinished }) => ({
      name,
      bytes,
      ...(replacedBy === undefined ? {} : { replacedBy }),
      unfinished,
    })),
    free,
  }),
  text({ kind, directories, free, profile }, style) {
    const room = `${formatBytes(free)} left on the data volume${profilePhrase(profile, style)}`;
    switch (kind) {
      case "nothing":
        return `Restores have left nothing; ${room}.`;
      case "planned":
        return `Would remove:\n${leftText(directories)}\n${room}. Nothing was changed (--dry-run).`;
      case "pruned":
        return `${style.green("removed")}:\n${leftText(directories)}\n${room}`;
      default:
        return assertNever(kind);
    }
  },
};

/** What restores have left, a line each. */
export function leftText(directories: readonly DataDirectory[]): string {
  return table(
    directories.map(({ name, bytes, replacedBy, unfinished }) => [
      `  ${name}`,
      formatBytes(bytes),
      unfinished ? "left by a restore that was given up" : `replaced by restore ${replacedBy ?? ""}`,
    ]),
  );
}
