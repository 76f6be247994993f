import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { InstallStart } from "../install/install-start.ts";
import { ownLabels } from "../run/labels.ts";
import type { Step } from "../run/step.ts";

/** Pod Security is enforced by the API server from these labels. */
const podSecurityLabels = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/audit": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
};

/** Makes the namespace, restricted from its first moment; one that is there already is left as its owner made it. */
export function namespaceStep(objects: ClusterObjects): Step<InstallStart, InstallStart, object> {
  return {
    id: "namespace",
    title: "Make sure of the namespace",
    describe: ({ namespace }) => ({
      touches: [`Namespace/${namespace}`],
      bytes: 0,
      seconds: 1,
      undo: "stays; kubectl delete namespace removes it",
    }),
    gives: z.object({}),
    run: async ({ namespace, answers }, { signal }) => {
      if (!answers.release.createNamespace)
        throw new Problem("INSTALL_NAMESPACE_MISSING", { what: `namespace ${namespace} does not exist` });
      await objects.createNamespace(namespace, { ...ownLabels, ...podSecurityLabels }, signal);
      return {};
    },
    alreadySo: async ({ namespace }, { signal, note }) => {
      const seen = await objects.namespace(namespace, signal);
      if (seen.kind === "absent") return undefined;
      // Who may not look at namespaces may not make them either: the next step shows whether it is there.
      if (seen.kind === "hidden") return {};
      if (seen.namespace.terminating)
        throw new Problem("INSTALL_NAMESPACE_TERMINATING", { what: `namespace ${namespace} is being deleted` });
      if (seen.namespace.podSecurity !== "restricted")
        note(
          `Namespace ${namespace} does not enforce the restricted Pod Security Standard (${seen.namespace.podSecurity ?? "no label"}); its owner decides that, so it is left as it is.`,
        );
      return {};
    },
  };
}
