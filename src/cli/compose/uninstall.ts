import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { UninstallPorts } from "../../workflow/uninstall/uninstall.ts";
import type { Globals } from "../global-flags.ts";
import { clusterRun } from "./cluster-run.ts";
import { confirmDeletion, confirmPlan } from "./confirm-plan.ts";
import { installedProfile } from "./installed-profile.ts";

/** Joins what an uninstall works through, and tells the size of what is there; deleting data is confirmed with the release's name. */
export async function uninstallPorts(
  { deleteData, confirmed }: { readonly deleteData: boolean; readonly confirmed: string | undefined },
  scope: ReleaseScope,
  context: string | undefined,
  globals: Globals,
): Promise<UninstallPorts & { readonly profile: string | undefined }> {
  const run = await clusterRun("uninstall", globals, context, undefined);
  const profile = await installedProfile(run.client, scope, globals.signal);
  const known = { profile, findings: [] };
  return {
    ...run,
    profile,
    confirm: (plan) => (deleteData ? confirmDeletion(plan, confirmed, globals, known) : confirmPlan(plan, globals, known)),
  };
}
