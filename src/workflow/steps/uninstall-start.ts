import type { Actor } from "../../domain/plan/record.ts";
import type { LabelledObject } from "../../ports/cluster-objects.ts";
import type { PlaceStart } from "./start.ts";

/** What is known before the first write of an uninstall. */
export interface UninstallStart extends PlaceStart {
  /** Version that Helm has; empty when it knows none any more. */
  readonly version: string;
  readonly deleteData: boolean;
  /** Claims of the release: what --delete-data removes, and what stays without. */
  readonly claims: readonly LabelledObject[];
  /** Names of the Secrets that migratectl made for it. */
  readonly secrets: readonly string[];
  readonly by: Actor;
}
