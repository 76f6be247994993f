import { assertNever } from "../assert-never.ts";
import type { DoctorFacts } from "./facts.ts";
import { leftovers } from "./orphans.ts";

/** Something that doctor can mend without harm: no data is touched, and done twice it is done once. */
export type Remedy =
  /** Helm calls the release pending, and nobody works on it any more. */
  | { readonly kind: "unlock"; readonly release: string; readonly revision: number; readonly status: string }
  /** An object of ours that no run needs. Claims and Secrets are never among them. */
  | { readonly kind: "clear"; readonly object: LeftObject };

/** A leftover that may be deleted. */
interface LeftObject {
  readonly kind: "Pod" | "Job" | "ConfigMap";
  readonly name: string;
  readonly uid: string;
  readonly why: string;
}

/** Milliseconds after which a helm that has said nothing more is not at work: three times its own time limit of five minutes. */
const helmSilent = 900_000;

/**
 * What may be mended, in the order in which it is done. Nothing while a run is unfinished or may be: that has a command of its own, and needs
 * what looks left over.
 */
export function remediesFor(facts: DoctorFacts): readonly Remedy[] {
  if (facts.unfinished.kind !== "known" || facts.unfinished.value !== undefined) return [];
  return [...stuck(facts), ...leftBehind(facts)];
}

/** One remedy in words, of which the first is what is done. */
export function remedyText(remedy: Remedy): string {
  switch (remedy.kind) {
    case "unlock":
      return `unlock release ${remedy.release}, whose revision ${remedy.revision} is ${remedy.status}: deploy the last revision that Helm has deployed, or this one where there is none`;
    case "clear":
      return `delete ${remedy.object.kind}/${remedy.object.name}: ${remedy.object.why}`;
    default:
      return assertNever(remedy);
  }
}

function stuck({ helm, release, rollout }: DoctorFacts): readonly Remedy[] {
  const record = helm.kind === "known" ? helm.value : undefined;
  if (record === undefined || !record.status.startsWith("pending-")) return [];
  const since = record.deployedAt?.getTime() ?? 0;
  if (rollout.at.getTime() - since < helmSilent) return [];
  return [{ kind: "unlock", release, revision: record.revision, status: record.status }];
}

/** Of what Helm or somebody else made nobody knows here whether it is needed. */
function leftBehind(facts: DoctorFacts): readonly Remedy[] {
  return leftovers(facts).flatMap(({ kind, name, uid, why, managedBy }) =>
    managedBy === "migratectl" && kind !== "PersistentVolumeClaim" ? [{ kind: "clear", object: { kind, name, uid, why } } as const] : [],
  );
}
