import { z } from "zod";
import { formatBytes, formatSeconds } from "../../domain/units.ts";
import { textOf } from "../../workflow/restore/restore.ts";
import type { DrillResult } from "../../workflow/scratch/drill.ts";
import { figuresText } from "./beside.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";
import { recoveryTargetJson, recoveryTargetSchema } from "./recovery-target.ts";
import { table } from "./style.ts";

const figure = z.number().optional();
const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("DrillResult"),
  outcome: z.enum(["planned", "passed"]),
  /** What was restored; of a drill that was on its way already, its own. */
  target: recoveryTargetSchema,
  /** The moment that was wanted. */
  at: z.string(),
  /** That chose the moment, when it was to be a random one. */
  seed: z.int().optional(),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  /** Bytes of the volume that was claimed for it. */
  volume: z.number(),
  /** Absent under --dry-run, and what could not be measured. */
  figures: z
    .strictObject({
      /** From the start in the pod until the restored database answered. */
      rtoSeconds: figure,
      /** From the newest commit in the archive to the start: what would have been lost. */
      rpoSeconds: figure,
      copySeconds: figure,
      replaySeconds: figure,
      bytes: figure,
    })
    .optional(),
  reached: z.strictObject({ lsn: z.string(), lastCommit: z.string().optional() }).optional(),
  checks: z.array(z.strictObject({ what: z.string(), verdict: z.enum(["pass", "fail"]), seen: z.string() })),
  /** Of the whole command. */
  seconds: z.number(),
});

/** A drill, and the seed that chose its moment. */
export type SeededDrill = DrillResult & { readonly seed: number | undefined };

/** How a drill ended well. */
export const drillPresenter: Presenter<Sized<SeededDrill>> = {
  name: "drill-result",
  schema,
  json: ({ kind, moment, volume, outcome, seconds, seed, profile }) => ({
    apiVersion: "migratectl/v1",
    kind: "DrillResult",
    outcome: kind,
    target: recoveryTargetJson(moment.target),
    at: moment.at,
    ...(seed === undefined ? {} : { seed }),
    ...(profile === undefined ? {} : { profile }),
    volume,
    ...(outcome === undefined ? {} : measured(outcome)),
    checks: outcome === undefined ? [] : outcome.checks.map((check) => ({ ...check })),
    seconds,
  }),
  text({ kind, moment, volume, outcome, seconds, seed, profile }, style) {
    const what = `${textOf(moment.target)}${seed === undefined ? "" : ` (chosen by seed ${seed})`}${profilePhrase(profile, style)}`;
    if (kind === "planned" || outcome === undefined)
      return [`Would restore ${what}, on a volume of ${formatBytes(volume)}.`, "Nothing was changed (--dry-run)."].join("\n");
    const { bytes, copySeconds, replaySeconds, lastCommit, checks } = outcome;
    return [
      `${style.green("drill passed")}: ${what}, in ${formatSeconds(seconds)}`,
      `  ${style.bold(figuresText(outcome))}: ${formatBytes(bytes ?? 0)} copied in ${formatSeconds(copySeconds ?? 0)}, replayed to ${lastCommit ?? "the end of the backup"} in ${formatSeconds(replaySeconds ?? 0)}`,
      table(
        checks.map(({ what: asked, verdict, seen }) => ["", asked, verdict === "pass" ? style.green(verdict) : style.red(verdict), seen]),
      ),
    ].join("\n");
  },
};

function measured({ reachedLsn, lastCommit, ...outcome }: NonNullable<DrillResult["outcome"]>): object {
  const { rtoSeconds, rpoSeconds, copySeconds, replaySeconds, bytes } = outcome;
  const figures = Object.entries({ rtoSeconds, rpoSeconds, copySeconds, replaySeconds, bytes }).filter(([, value]) => value !== null);
  const reached = reachedLsn === null ? {} : { reached: { lsn: reachedLsn, ...(lastCommit ? { lastCommit } : {}) } };
  return { figures: Object.fromEntries(figures), ...reached };
}
