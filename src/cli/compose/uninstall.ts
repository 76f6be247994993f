import type { UninstallPorts } from "../../workflow/uninstall/uninstall.ts";
import type { Globals } from "../global-flags.ts";
import { clusterRun } from "./cluster-run.ts";
import { confirmDeletion, confirmPlan } from "./confirm-plan.ts";

/** Joins what an uninstall works through; deleting data is confirmed with the release's name. */
export async function uninstallPorts(
  { deleteData, confirmed }: { readonly deleteData: boolean; readonly confirmed: string | undefined },
  context: string | undefined,
  globals: Globals,
): Promise<UninstallPorts> {
  const run = await clusterRun("uninstall", globals, context, undefined);
  return { ...run, confirm: (plan) => (deleteData ? confirmDeletion(plan, confirmed, globals) : confirmPlan(plan, globals)) };
}
