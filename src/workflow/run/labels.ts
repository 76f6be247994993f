import type { Labels } from "../../ports/cluster-objects.ts";

/** Labels of everything that migratectl itself keeps in the release's namespace (journal, record, Lease). */
export const ownLabels: Labels = { "app.kubernetes.io/managed-by": "migratectl", "app.kubernetes.io/part-of": "migrate-platform" };

/** Labels that the chart puts on everything of a release. */
export const chartLabels = (release: string): Labels => ({ "app.kubernetes.io/instance": release });

/** Labels of what belongs to one release and outlives it: Secrets that were generated or given. */
export function releaseLabels(release: string): Labels {
  return { ...ownLabels, "app.kubernetes.io/instance": release };
}
