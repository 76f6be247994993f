import { verifyChain } from "../../src/domain/plan/record.ts";
import { sha256 } from "../../src/workflow/run/plan-of.ts";
import type { SeenRevision, Sighting } from "./sighting.ts";

/** Actions that every run repeats: the journal itself stands on the first three, the others only look or send nothing twice. */
const repeated = new Set(["identity", "namespace", "lease", "push", "rollout", "smoke"]);

/**
 * What of an earlier sighting does not stand any more in a later one: objects made anew or changed, Secrets with other values,
 * actions done again. Empty when nothing was lost or done twice.
 */
export function lostBetween(earlier: Sighting, later: Sighting): readonly string[] {
  return [...lostObjects(earlier, later), ...repeatedActions(earlier, later)];
}

function lostObjects(earlier: Sighting, later: Sighting): readonly string[] {
  const namespace = earlier.namespace !== undefined && earlier.namespace !== later.namespace ? ["the namespace was made anew"] : [];
  const objects = [...earlier.objects].flatMap(([name, before]) => {
    const after = later.objects.get(name);
    if (after === undefined) return [`${name} is gone`];
    if (after.uid !== before.uid) return [`${name} was made anew`];
    if (after.content !== before.content) return [`${name} has other values than when it was first seen`];
    return after.generation === before.generation
      ? []
      : [`${name} was changed: generation ${before.generation} became ${after.generation}`];
  });
  return [...namespace, ...objects];
}

function repeatedActions({ journal: earlier }: Sighting, { journal: later }: Sighting): readonly string[] {
  if (earlier === undefined) return [];
  if (later === undefined) return ["the journal is gone"];
  const other = earlier.planDigest === later.planDigest ? [] : ["the run that went on had another plan"];
  const done = earlier.entries.filter(({ id, state }) => state === "done" && !repeated.has(id));
  return [
    ...other,
    ...done.flatMap(({ id, at }) => {
      const now = later.entries.find((entry) => entry.id === id);
      return now?.state === "done" && now.at === at ? [] : [`action ${id}, done at ${at}, is ${now?.state} at ${now?.at}`];
    }),
  ];
}

/**
 * What is wrong with an installation that has ended well after the given interruptions. `failures`: runs that may have recorded that
 * they failed (an outage is told as such, a kill or Ctrl-C is not).
 */
export function wrongAtTheEnd(interruptions: readonly Sighting[], end: Sighting, failures: number): readonly string[] {
  const { journal, record, lease, revisions } = end;
  const open = journal?.entries.filter(({ state }) => state !== "done") ?? [];
  const succeeded = record?.entries.filter(({ outcome }) => outcome === "succeeded").length ?? 0;
  const failed = record?.entries.filter(({ outcome }) => outcome === "failed").length ?? 0;
  const chain = record === undefined ? undefined : verifyChain(record, sha256);
  return [
    ...(journal === undefined ? ["there is no journal"] : []),
    ...(journal?.finished === false ? ["the journal is not finished"] : []),
    ...open.map(({ id, state }) => `action ${id} is ${state} in the journal`),
    ...(succeeded === 1 ? [] : [`the record tells of ${succeeded} successes`]),
    ...(failed <= failures ? [] : [`the record tells of ${failed} failures, and ${failures} runs failed`]),
    ...(chain?.kind === "broken" ? [`the record's chain breaks at revision ${chain.revision}: ${chain.why}`] : []),
    ...(lease === undefined ? [] : [`the Lease is still held by ${lease}`]),
    ...wrongRevisions(interruptions, revisions),
  ];
}

/**
 * Helm writes a revision of its own to repair one that was left locked or failed; more than that is work done twice. The repaired one stays
 * in Helm's history as what it was: only the newest tells whether Helm is locked.
 */
function wrongRevisions(interruptions: readonly Sighting[], revisions: readonly SeenRevision[]): readonly string[] {
  const repairs = interruptions.filter(({ revisions: then }) => {
    const last = then.at(-1)?.status;
    return last !== undefined && last !== "deployed";
  }).length;
  const last = revisions.at(-1);
  const deployed = revisions.filter(({ status }) => status === "deployed").length;
  const listed = revisions.map(({ revision, status }) => `${revision} ${status}`).join(", ");
  return [
    ...(last?.status === "deployed" ? [] : [`Helm's last revision is ${last === undefined ? "missing" : last.status}`]),
    ...(deployed <= 1 ? [] : [`Helm has ${deployed} deployed revisions: ${listed}`]),
    ...(revisions.length <= 1 + repairs ? [] : [`Helm has ${revisions.length} revisions after ${repairs} repairs: ${listed}`]),
  ];
}

/** What is left in a namespace that was emptied. */
export function leftBehind(end: Sighting): readonly string[] {
  return [
    ...[...end.objects.keys()].map((name) => `${name} is left after the uninstall`),
    ...(end.revisions.length === 0 ? [] : ["Helm's record is left after the uninstall"]),
    ...(end.journal === undefined ? [] : ["the journal is left after the uninstall"]),
    ...(end.record === undefined ? [] : ["the record is left after the uninstall"]),
    ...(end.lease === undefined ? [] : ["the Lease is left after the uninstall"]),
  ];
}
