import { Problem } from "../domain/errors/problem.ts";
import type { Helm, HelmRelease } from "../ports/helm.ts";
import type { StepContext } from "./workflow-builder.ts";

/** Milliseconds to wait for a helm that may still be at work: an orphan of our own killed run, or somebody else's. */
const patience = { ours: 20_000, theirs: 120_000 } as const;

const pause = 2_000;

/** What a repair uses of the running action's context. */
export type RepairContext = Pick<StepContext, "clock" | "signal" | "interrupted" | "advance" | "note">;

/**
 * Brings a release that Helm considers locked back to a state from which `helm upgrade --install` goes on, through Helm's own commands:
 * a pending revision is rolled back to itself (Helm writes a new revision with the same manifests and marks it deployed), an uninstall
 * that was cut off is finished. History is never deleted by hand. What is not locked is left alone.
 * @throws Problem HELM_STUCK when another helm, not of an interrupted run of ours, holds it
 */
export async function repairRelease(
  helm: Helm,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  context: RepairContext,
): Promise<void> {
  const found = await settled(helm, name, namespace, context);
  if (found === undefined || !isLocked(found)) return;
  if (!context.interrupted) {
    throw new Problem("HELM_STUCK", {
      what: `release ${name} in namespace ${namespace} has been ${found.status} (revision ${found.revision}) all the time, and no interrupted run of migratectl explains it`,
      fix: `If nobody is running helm on it: helm rollback ${name} ${found.revision} --namespace ${namespace}. Then run the same command again.`,
    });
  }
  context.note(`Release ${name} was left ${found.status} (revision ${found.revision}) by the interrupted run; repairing it.`);
  if (found.status === "uninstalling") await helm.uninstall(name, namespace, context.signal);
  else await helm.rollback(name, namespace, found.revision, context.signal);
}

/** The release as it is once it is not locked any more, or as it still is when patience has ended. */
async function settled(helm: Helm, name: string, namespace: string, context: RepairContext): Promise<HelmRelease | undefined> {
  const end = context.clock.now().getTime() + (context.interrupted ? patience.ours : patience.theirs);
  let told = false;
  for (;;) {
    const found = await helm.find(name, namespace, context.signal);
    if (found === undefined || !isLocked(found) || context.clock.now().getTime() >= end) return found;
    if (!told)
      context.advance({ done: 0, unit: "items", note: `Helm says ${found.status}; waiting to see whether a helm is still at work` });
    told = true;
    await context.clock.pause(pause, context.signal);
  }
}

function isLocked({ status }: HelmRelease): boolean {
  return status.startsWith("pending-") || status === "uninstalling";
}
