import type { Belonging } from "../domain/doctor/belonging.ts";
import type { NodeStats } from "../domain/doctor/node-stats.ts";
import type { RecordedRelease } from "../domain/manifest/recorded-release.ts";
import type { Reading } from "../domain/reading.ts";
import type { ReleaseScope } from "./cluster-workloads.ts";

/** Reads what, beside its workloads, the health of an installed release hangs on. Nothing here writes, and no value of a Secret is kept. */
export interface ReleaseHealth {
  /** What Helm's newest record says that the release consists of; undefined when Helm knows no such release. */
  recorded(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<RecordedRelease | undefined>>;
  /** Names of the release's Secrets of type kubernetes.io/tls. */
  tlsSecrets(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<readonly string[]>>;
  /** Names of the keys of a Secret; undefined when there is none. */
  secretKeys(namespace: string, name: string, signal: AbortSignal): Promise<Reading<readonly string[] | undefined>>;
  /** What the kubelets of these nodes tell of the namespace's volumes and containers. */
  nodeStats(nodes: readonly string[], namespace: string, signal: AbortSignal): Promise<Reading<NodeStats>>;
  /** Objects that carry the labels of the release, and what migratectl keeps in its namespace. */
  belongings(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<readonly Belonging[]>>;
}
