import type { SchemaWay } from "../../domain/upgrade/path.ts";
import type { InstallStart } from "../install/install-start.ts";

/** What is known before the first write of an upgrade. */
export interface UpgradeStart extends InstallStart {
  /** The release that is upgraded: its version, and the revision of Helm's that is deployed. */
  readonly from: { readonly version: string; readonly revision: number };
  /** Where the database's schema was when the upgrade was planned, and what runs of the release's migrations. */
  readonly schema: SchemaWay;
}
