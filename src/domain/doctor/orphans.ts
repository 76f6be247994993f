import { pass, some, warn } from "../judgement.ts";
import { counted } from "../units.ts";
import type { Belonging } from "./belonging.ts";
import { type DoctorCheck, unread } from "./check.ts";
import type { DoctorFacts } from "./facts.ts";

/** Documents that migratectl keeps. */
const documents: ReadonlySet<string> = new Set(["migratectl-journal", "migratectl-record"]);

/** Milliseconds that the cluster gets to end what is past its time. */
const grace = 600_000;

const wanted = "nothing with the release's labels that neither the release nor a run explains";

/** Is anything left behind? */
export const orphans: DoctorCheck = {
  id: "orphans",
  title: "Leftovers",
  why: "What was left behind holds room and quota, and a pod of a restore may hold the data volume that the next one needs.",
  assess(facts) {
    const { belongings, recorded, namespace } = facts;
    if (belongings.kind !== "known") return [unread(belongings, wanted)];
    if (recorded.kind !== "known") return [unread(recorded, wanted)];
    const left = leftovers(facts);
    const [first] = left;
    if (first === undefined) return [pass(`${counted(belongings.value.length, "object")} looked at`, wanted)];
    const fix = `When nobody needs it${first.kind === "PersistentVolumeClaim" ? " (its data goes, too)" : ""}: kubectl -n ${namespace} delete ${first.kind.toLowerCase()} ${first.name}`;
    const texts = left.map(({ kind, name, createdAt, why }) => `${kind}/${name} of ${createdAt.toISOString().slice(0, 10)} (${why})`);
    return [warn(some(texts), wanted, fix)];
  },
};

/** An object that nothing explains, and why not. */
export interface Leftover extends Belonging {
  readonly why: string;
}

/** What nothing explains; nothing where that cannot be known. */
export function leftovers(facts: DoctorFacts): readonly Leftover[] {
  const { belongings, recorded } = facts;
  if (belongings.kind !== "known" || recorded.kind !== "known") return [];
  return belongings.value.flatMap((one) => {
    const why = whyLeft(one, facts, recorded.value);
    return why === undefined ? [] : [{ ...one, why }];
  });
}

type Recorded = Extract<DoctorFacts["recorded"], { readonly kind: "known" }>["value"];

/** Why nothing explains an object; undefined when something does. */
function whyLeft(one: Belonging, facts: DoctorFacts, recorded: Recorded): string | undefined {
  if (one.owned) return undefined;
  if (one.managedBy === "migratectl") return whyOursIsLeft(one, facts);
  if (one.kind === "PersistentVolumeClaim") return isClaimed(one.name, facts, recorded) ? undefined : "no pod mounts it";
  if (recorded === undefined || recorded.objects.some(({ kind, name }) => kind === one.kind && name === one.name)) return undefined;
  return "Helm's record does not name it";
}

function whyOursIsLeft(one: Belonging, { rollout: { at }, unfinished }: DoctorFacts): string | undefined {
  if (one.kind === "ConfigMap" && documents.has(one.name)) return undefined;
  // What has come to its end is kept for a while, to be read.
  if (one.endsBy !== undefined) return !one.ended && at.getTime() > one.endsBy.getTime() + grace ? "its time is over" : undefined;
  // A run that goes on takes it up, and one whose state may not be read might.
  if (unfinished.kind !== "known" || unfinished.value !== undefined) return undefined;
  return "no run needs it";
}

/** True for a claim that a pod mounts, that the release names, or that a StatefulSet makes for one of its pods. */
function isClaimed(claim: string, { rollout }: DoctorFacts, recorded: Recorded): boolean {
  if (rollout.pods.some(({ claims }) => claims.includes(claim))) return true;
  if (recorded?.objects.some(({ kind, name }) => kind === "PersistentVolumeClaim" && name === claim) === true) return true;
  return rollout.workloads.some(
    ({ kind, name, wanted: pods }) =>
      kind === "StatefulSet" && Array.from({ length: pods }, (_, ordinal) => `-${name}-${ordinal}`).some((end) => claim.endsWith(end)),
  );
}
