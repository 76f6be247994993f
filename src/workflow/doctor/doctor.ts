import { doctorChecks, examine } from "../../domain/doctor/checks.ts";
import { type Remedy, remediesFor } from "../../domain/doctor/remedies.ts";
import type { Finding } from "../../domain/finding.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import { type DoctorPorts, gatherDoctorFacts } from "./gather.ts";

/** What was found of an installed release at one moment. */
export interface DoctorReport extends ReleaseScope {
  readonly at: Date;
  readonly version: string | undefined;
  readonly profile: string | undefined;
  /** In the order of the checks. */
  readonly findings: readonly Finding[];
  /** What of it `doctor --fix` mends. */
  readonly remedies: readonly Remedy[];
}

/** Reads an installed release and judges it by every check. Reads only. Throws as {@link gatherDoctorFacts}. */
export async function doctor(ports: DoctorPorts, scope: ReleaseScope, signal: AbortSignal): Promise<DoctorReport> {
  const facts = await gatherDoctorFacts(ports, scope, signal);
  const helm = facts.helm.kind === "known" ? facts.helm.value : undefined;
  return {
    ...scope,
    at: facts.rollout.at,
    version: helm?.appVersion,
    profile: helm?.profile,
    findings: examine(doctorChecks, facts),
    remedies: remediesFor(facts),
  };
}
