import type { Discovery } from "../domain/facts/facts.ts";
import type { Versioned, WriteResult } from "./cluster-objects.ts";
import type { ReleaseScope } from "./cluster-workloads.ts";

/** What Helm has recorded of a release, where Helm itself would not change it. Every method throws Problem CLUSTER_* when the API gives no answer. */
export interface ReleaseRecords {
  /** The revisions that Helm keeps, oldest first, with its word for each: deployed, superseded, failed, pending-upgrade … */
  revisions(scope: ReleaseScope, signal: AbortSignal): Promise<readonly { readonly revision: number; readonly status: string }[]>;
  /** The manifests of a revision as recorded, without those of hooks; undefined when Helm keeps no such revision. @throws Problem HELM_FAILED for a record that cannot be read */
  manifests(scope: ReleaseScope, revision: number, signal: AbortSignal): Promise<Versioned<string> | undefined>;
  /** Puts other manifests in the place of those, if the record is still of that version; the rest of it stays as it is. */
  replaceManifests(scope: ReleaseScope, revision: number, manifests: string, version: string, signal: AbortSignal): Promise<WriteResult>;
  /** Which APIs the cluster serves. */
  served(signal: AbortSignal): Promise<Discovery>;
}
