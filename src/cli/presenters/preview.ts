import { z } from "zod";
import { formatInstant, instantOfDate } from "../../domain/recovery/instant.ts";
import { recoveredChecks } from "../../domain/recovery/judge-recovered.ts";
import { textOf } from "../../workflow/restore/restore.ts";
import type { PreviewResult, ShownMoment } from "../../workflow/scratch/preview.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";
import { recoveryTargetJson, recoveryTargetSchema } from "./recovery-target.ts";
import { type Style, table } from "./style.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Preview"),
  outcome: z.enum(["planned", "waits"]),
  target: recoveryTargetSchema,
  /** The moment. */
  at: z.string(),
  /** When the cluster ends it. */
  until: z.string(),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  /** The pod in which it runs; this and the rest is absent under --dry-run. */
  pod: z.string().optional(),
  reached: z.strictObject({ lsn: z.string(), lastCommit: z.string().optional() }).optional(),
  /** What a restore to this moment would see of it before promoting. */
  checks: z.array(z.strictObject({ id: z.enum(recoveredChecks), verdict: z.enum(["pass", "warn", "fail"]), seen: z.string() })),
  /** Rows of large tables are estimated; of one that cannot be read nothing is known. */
  tables: z.array(z.strictObject({ table: z.string(), rows: z.number().optional(), exact: z.boolean() })),
});

/** A preview as it was opened, or is there. */
export type ShownPreview = Sized<PreviewResult> & { readonly namespace: string };

/** A moment that waits beside the database. */
export const previewPresenter: Presenter<ShownPreview> = {
  name: "preview",
  schema,
  json: ({ kind, target, at, until, shown, profile }) => ({
    apiVersion: "migratectl/v1",
    kind: "Preview",
    outcome: kind,
    target: recoveryTargetJson(target),
    at,
    until: until.toISOString(),
    ...(profile === undefined ? {} : { profile }),
    ...(shown === undefined ? {} : { pod: shown.pod, reached: shown.reached }),
    checks: (shown?.checks ?? []).map((check) => ({ ...check })),
    tables: (shown?.tables ?? []).map(({ name, ...counted }) => ({ table: name, ...counted })),
  }),
  text: ({ target, until, shown, profile, namespace }, style) => {
    const what = `${textOf(target)}${profilePhrase(profile, style)}`;
    const end = formatInstant(instantOfDate(until));
    if (shown === undefined)
      return [`Would restore ${what} beside the database, until ${end}.`, "Nothing was changed (--dry-run)."].join("\n");
    return [
      `${style.green("preview")}: ${what}, until ${end}; the platform runs on`,
      `  recovered to ${shown.reached.lsn}, last commit ${shown.reached.lastCommit ?? "none"}`,
      "",
      rowsText(shown, style),
      "",
      `look at it       migratectl preview query "select ..."`,
      `                 kubectl -n ${namespace} exec -it ${shown.pod} -- psql -h /var/run/postgresql -U postgres migration`,
      "make it current  migratectl preview promote",
      "give it up       migratectl preview drop",
    ].join("\n");
  },
};

function rowsText({ tables, checks }: ShownMoment, style: Style): string {
  const concerns = checks
    .filter(({ verdict }) => verdict !== "pass")
    .map(({ id, verdict, seen }) => [style[verdict === "fail" ? "red" : "yellow"](id), seen]);
  const counts = tables.map(({ name, rows, exact }) => [name, rows === undefined ? "?" : `${exact ? "" : "about "}${rows}`]);
  return table([["table", "rows"].map(style.dim), ...counts, ...concerns]);
}
