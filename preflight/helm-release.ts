import type { HelmRevisionFact } from "../src/domain/facts/namespace.ts";
import type { Check } from "./check.ts";
import { fail, pass, some, unread, warn } from "./judgement.ts";

/** Is there a release already, a stuck one, or somebody else's? */
export const helmRelease: Check = {
  id: "helm-release",
  title: "Helm releases",
  why: "Helm refuses every operation on a release that is stuck in a pending one, and two releases cannot own the same objects.",
  needs: ["helmRevisions", "namespace"],
  assess({ facts: { helmRevisions: revisions, namespaceName }, answers: { release } }) {
    const wanted = `no release in namespace ${namespaceName}, or ${release.name} in a finished state`;
    if (revisions.kind !== "known") return [unread(revisions, wanted)];
    const newest = [...Map.groupBy(revisions.value, ({ name }) => name).values()].flatMap((all) => all.at(-1) ?? []);
    const own = newest.find(({ name }) => name === release.name);
    const others = newest.filter(({ name, status }) => name !== release.name && status !== "uninstalled");
    return [
      ownRelease(own, wanted, namespaceName),
      ...(others.length === 0
        ? []
        : [
            warn(
              `other releases in the namespace: ${some(others.map(({ name, status }) => `${name} (${status})`))}`,
              wanted,
              "Give the platform a namespace of its own with --namespace NAME; its default-deny NetworkPolicies cover every pod in it.",
            ),
          ]),
    ];
  },
};

function ownRelease(own: HelmRevisionFact | undefined, wanted: string, namespace: string) {
  if (own === undefined) return pass("none of this name", wanted);
  const seen = `${own.name}, revision ${own.revision}, ${own.status}`;
  if (own.status.startsWith("pending-")) {
    const fix = `Make sure that nobody is working on it, then: helm rollback ${own.name} -n ${namespace} (or, for a first installation: helm uninstall ${own.name} -n ${namespace})`;
    return fail(`${seen}: stuck, or somebody is at work`, wanted, fix);
  }
  if (own.status === "uninstalling")
    return fail(`${seen}: being removed`, wanted, `Let it end, or end it: helm uninstall ${own.name} -n ${namespace}`);
  if (own.status === "failed")
    return warn(seen, wanted, `The next installation tries again from there; see what failed: helm status ${own.name} -n ${namespace}`);
  return pass(seen, wanted);
}
