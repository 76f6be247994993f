import { Problem } from "../../domain/errors/problem.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";

/** What is said of a release that neither Helm nor the cluster knows. */
export function notInstalled({ release, namespace }: ReleaseScope): Problem {
  return new Problem("STATUS_NOT_INSTALLED", {
    what: `there is no release "${release}" in namespace "${namespace}"`,
    fix: `Install it with: migratectl install --namespace ${namespace}; or see what is there: helm list --all-namespaces`,
  });
}
