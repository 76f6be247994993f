import { z } from "zod";
import type { RecordEntry } from "../../domain/plan/record.ts";
import { recordEntrySchema } from "../../domain/plan/record.ts";
import type { History } from "../../workflow/status/history.ts";
import { figuresText } from "./beside.ts";
import type { Presenter } from "./presenter.ts";
import { profileText } from "./profile.ts";
import { type Style, table } from "./style.ts";

/** The record, and the size of what is installed now. */
export interface HistoryReport extends History {
  /** Absent when nothing is installed, or Helm's record may not be read. */
  readonly profile: string | undefined;
}

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("History"),
  namespace: z.string(),
  /** Of what is installed now; trial is for evaluation only. Absent when nothing is, or Helm's record may not be read. */
  profile: z.string().optional(),
  /** Oldest first. */
  entries: z.array(recordEntrySchema),
  /** True when --verify walked the hash chain and it holds; null when it was not asked for. */
  verified: z.boolean().nullable(),
});

/** The record as a table, oldest first. */
export const historyPresenter: Presenter<HistoryReport> = {
  name: "history",
  schema,
  json: ({ namespace, profile, entries, verified }) => ({
    apiVersion: "migratectl/v1",
    kind: "History",
    namespace,
    ...(profile === undefined ? {} : { profile }),
    entries: [...entries],
    verified: verified ?? null,
  }),
  text({ namespace, profile, entries, verified }, style) {
    if (entries.length === 0) return `There is no record in namespace ${namespace}.`;
    const head = ["", "finished", "what", "version", "outcome", "by", "bundle"].map(style.dim);
    const chain =
      verified === true
        ? [`${style.green("verified")}: the chain of ${entries.length} ${entries.length === 1 ? "entry" : "entries"} holds`]
        : [];
    const size = profile === undefined ? [] : [`installed now: ${profileText(profile, style)}`];
    return [...size, table([head, ...entries.map((entry) => row(entry, style))]), ...skipped(entries), ...chain].join("\n");
  },
};

function row(
  { revision, finishedAt, workflow, version, outcome, failure, figures, by, bundleDigest }: RecordEntry,
  style: Style,
): readonly string[] {
  const paint = outcome === "succeeded" ? style.green : outcome === "failed" ? style.red : style.yellow;
  const measured = figuresText(figures ?? {});
  const how =
    failure === undefined
      ? `${paint(outcome)}${measured === "" ? "" : ` (${measured})`}`
      : `${paint(outcome)} at ${failure.action} (${failure.code})`;
  const who = by.cluster === "" ? by.host : `${by.host} as ${by.cluster}`;
  return [String(revision), finishedAt.slice(0, 19).replace("T", " "), workflow, version, how, who, bundleDigest?.slice(7, 19) ?? "-"];
}

function skipped(entries: readonly RecordEntry[]): readonly string[] {
  return entries.flatMap(({ revision, skippedChecks }) =>
    skippedChecks.map(({ check, reason }) => `  ${revision}: check ${check} was skipped: ${reason}`),
  );
}
