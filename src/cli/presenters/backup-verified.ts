import { z } from "zod";
import { counted, formatSeconds } from "../../domain/units.ts";
import type { BackupsVerified } from "../../workflow/backup/verify-backups.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";
import { table } from "./style.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("BackupsVerified"),
  verdict: z.enum(["pass", "fail"]),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  checks: z.array(z.strictObject({ what: z.string(), verdict: z.enum(["pass", "fail"]), seen: z.string() })),
  seconds: z.number(),
});

const failed = ({ checks }: BackupsVerified): number => checks.filter(({ verdict }) => verdict === "fail").length;

/** What verifying found; a failure ends with 6. */
export const backupsVerifiedPresenter: Presenter<Sized<BackupsVerified>> = {
  name: "backups-verified",
  schema,
  json: (result) => ({
    apiVersion: "migratectl/v1",
    kind: "BackupsVerified",
    verdict: failed(result) === 0 ? "pass" : "fail",
    ...(result.profile === undefined ? {} : { profile: result.profile }),
    checks: result.checks.map((check) => ({ ...check })),
    seconds: result.seconds,
  }),
  text(result, style) {
    const rows = result.checks.map(({ what, verdict, seen }) => [
      verdict === "pass" ? style.green(verdict) : style.red(verdict),
      what,
      seen,
    ]);
    const count = failed(result);
    const end = count === 0 ? style.green("every backup can be used") : style.red(`${counted(count, "check")} failed`);
    return `${table(rows)}\n\n${end}, after ${formatSeconds(result.seconds)}${profilePhrase(result.profile, style)}`;
  },
  exit: (result) => (failed(result) === 0 ? "ok" : "recovery"),
};
