import type { Finding } from "../finding.ts";
import { type Judgement, unknown } from "../judgement.ts";
import { archive } from "./archive.ts";
import { backups } from "./backups.ts";
import { certificates } from "./certificates.ts";
import type { DoctorCheck } from "./check.ts";
import { credentials } from "./credentials.ts";
import { drill } from "./drill.ts";
import type { DoctorFacts } from "./facts.ts";
import { imageDrift } from "./image-drift.ts";
import { jobs } from "./jobs.ts";
import { orphans } from "./orphans.ts";
import { putOff } from "./put-off.ts";
import { quotas } from "./quotas.ts";
import { redis } from "./redis.ts";
import { release } from "./release.ts";
import { replication } from "./replication.ts";
import { volumes } from "./volumes.ts";
import { workloads } from "./workloads.ts";

/** Every check, in the order in which findings are told: what runs, what it stands on, what brings it back, what is left. */
export const doctorChecks: readonly DoctorCheck[] = [
  release,
  workloads,
  imageDrift,
  jobs,
  putOff,
  credentials,
  certificates,
  volumes,
  quotas,
  redis,
  replication,
  archive,
  backups,
  drill,
  orphans,
];

/** The findings of all checks, in their order. One that throws becomes an `unknown` finding, and the others are told all the same. */
export function examine(checks: readonly DoctorCheck[], facts: DoctorFacts): readonly Finding[] {
  return checks.flatMap((check) =>
    judgements(check, facts).map((judgement) => ({ check: check.id, title: check.title, ...judgement, why: check.why })),
  );
}

function judgements(check: DoctorCheck, facts: DoctorFacts): readonly Judgement[] {
  try {
    return check.assess(facts);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [unknown(`the check itself failed: ${message}`, check.title, "Tell the vendor's support; the other checks are not affected.")];
  }
}
