import type { LiveObject } from "../domain/diff/drift.ts";
import type { ObjectReference } from "../domain/manifest/release-objects.ts";
import type { Reading } from "../domain/reading.ts";

/** Reads whole objects of any kind; nothing here writes. */
export interface LiveObjects {
  /**
   * The objects as the cluster holds them now, in their order; undefined for one that is not there or whose API the cluster does not serve.
   * What may not be read is a reading of its own. @throws Problem CLUSTER_UNAUTHORIZED, the signal's reason
   */
  read(objects: readonly ObjectReference[], signal: AbortSignal): Promise<readonly Reading<LiveObject | undefined>[]>;
}
