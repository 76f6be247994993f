import type { Check } from "./check.ts";
import { fail, pass, some, unread } from "./judgement.ts";

/** Is the namespace usable, or on its way out? */
export const namespaceState: Check = {
  id: "namespace-state",
  title: "Namespace",
  why: "Nothing can be made in a namespace that is being deleted, and one that hangs does so for ever.",
  needs: ["namespace"],
  assess({ facts: { namespace, namespaceName }, answers: { release } }) {
    const wanted = `namespace ${namespaceName} exists, or may be made`;
    if (namespace.kind !== "known") return [unread(namespace, wanted)];
    const { exists, terminating, heldBy } = namespace.value;
    if (terminating) {
      const held = heldBy.length === 0 ? "" : `: ${some(heldBy, 2)}`;
      return [
        fail(
          `it is being deleted${held}`,
          wanted,
          `Wait until it is gone (kubectl get namespace ${namespaceName}), or use another one: --namespace NAME`,
        ),
      ];
    }
    if (exists) return [pass("it exists", wanted)];
    if (release.createNamespace) return [pass("it does not exist, and will be made", wanted)];
    return [
      fail(
        "it does not exist, and the answers say not to make it",
        wanted,
        `Have it made: kubectl create namespace ${namespaceName}, or set --create-namespace`,
      ),
    ];
  },
};
