import { fail, type Judgement, pass, warn } from "../judgement.ts";
import { type DoctorCheck, unread } from "./check.ts";
import type { DoctorFacts } from "./facts.ts";
import type { UnfinishedRun } from "./unfinished-run.ts";

/** Does Helm call the release deployed, and has every run come to its end? */
export const release: DoctorCheck = {
  id: "release",
  title: "Release",
  why: "Half of a change is applied: what runs is neither the old release nor the new one, and the next change is refused until this one is finished.",
  assess: (facts) => [helm(facts), ...unfinished(facts)],
};

function helm({ helm: reading, unfinished: run, release: name, namespace }: DoctorFacts): Judgement {
  const wanted = "Helm calls the release deployed";
  if (reading.kind !== "known") return unread(reading, wanted);
  if (reading.value === undefined)
    return warn(
      "Helm has no record of the release (another tool applied it, or the record was deleted)",
      wanted,
      `See what Helm knows: helm list --all-namespaces. Where nothing else owns the release: migratectl install --namespace ${namespace}`,
    );
  const { revision, status } = reading.value;
  const seen = `${name} revision ${revision} is ${status}`;
  if (status === "deployed") return pass(seen, wanted);
  const left = run.kind === "known" ? run.value : undefined;
  if (left?.heldBy !== undefined) return warn(seen, wanted, "A run is going on. When it has ended: migratectl doctor");
  return fail(
    seen,
    wanted,
    left !== undefined ? goesOn(left, namespace) : `It is repaired and finished by: migratectl install --namespace ${namespace}`,
  );
}

function unfinished({ unfinished: reading, namespace }: DoctorFacts): readonly Judgement[] {
  const wanted = "no unfinished run";
  if (reading.kind !== "known") return [unread(reading, wanted)];
  const run = reading.value;
  if (run === undefined) return [];
  const what = `${run.workflow ?? "a run"} of ${run.startedAt ?? "unknown date"}`;
  if (run.heldBy !== undefined)
    return [warn(`${what} is being carried out by ${run.heldBy}`, wanted, "Wait for its end, then run: migratectl doctor")];
  return [fail(`${what} was not finished${reasonOf(run)}`, wanted, goesOn(run, namespace))];
}

function reasonOf({ failure }: UnfinishedRun): string {
  return failure === undefined ? "" : `: ${failure}`;
}

function goesOn({ command }: UnfinishedRun, namespace: string): string {
  return command === undefined
    ? "Its journal is of another version: use the migratectl that began it, or a newer one."
    : `Go on with it: ${command} --namespace ${namespace}`;
}
