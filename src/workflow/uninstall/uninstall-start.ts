import type { LabelledObject } from "../../ports/cluster-objects.ts";
import type { Place } from "../run/carry-out.ts";

/** What is known before the first write of an uninstall. */
export interface UninstallStart extends Place {
  readonly deleteData: boolean;
  /** Claims of the release: what --delete-data removes, and what stays without. */
  readonly claims: readonly LabelledObject[];
  /** Names of the Secrets that migratectl made for it. */
  readonly secrets: readonly string[];
}
