import { Problem } from "../../domain/errors/problem.ts";
import type { Helm, HelmRelease } from "../../ports/helm.ts";
import type { StepContext } from "../run/step.ts";

/** Milliseconds to wait for a helm that may still be at work: an orphan of our own killed run, or somebody else's. */
const patience = { ours: 20_000, theirs: 120_000 } as const;

const pause = 2_000;

/** What a repair uses of the running action's context. */
export type RepairContext = Pick<StepContext, "clock" | "signal" | "advance" | "note">;

/** A release, and the newest revision before our own run that was cut off; undefined when no run of ours was. */
export interface RepairTarget {
  readonly name: string;
  readonly namespace: string;
  readonly ours: number | undefined;
}

/**
 * Brings a release that Helm considers locked back to a state from which `helm upgrade --install` goes on, through Helm's own commands:
 * a pending revision is rolled back to itself (Helm writes a new revision with the same manifests and marks it deployed). History is never
 * deleted by hand. What is not locked is left alone.
 * @throws Problem HELM_STUCK when another helm, not that of an interrupted run of ours, holds it
 */
export async function repairRelease(helm: Helm, target: RepairTarget, context: RepairContext): Promise<void> {
  const { name, namespace } = target;
  const found = await settledRelease(helm, target, context);
  if (found === undefined || !isLocked(found)) return;
  if (!isOurs(found, target)) {
    throw new Problem("HELM_STUCK", {
      what: `release ${name} in namespace ${namespace} has been ${found.status} (revision ${found.revision}) all the time, and no interrupted run of migratectl explains it`,
      fix: `If nobody is running helm on it: ${found.status === "uninstalling" ? `helm uninstall ${name}` : `helm rollback ${name} ${found.revision}`} --namespace ${namespace}. Then run the same command again.`,
    });
  }
  context.note(`Release ${name} was left ${found.status} (revision ${found.revision}) by the interrupted run; repairing it.`);
  await helm.rollback(name, namespace, found.revision, context.signal);
}

/** The release as it is once it is not locked any more, or as it still is when patience has ended. */
export async function settledRelease(helm: Helm, target: RepairTarget, context: RepairContext): Promise<HelmRelease | undefined> {
  const started = context.clock.now().getTime();
  let told = false;
  for (;;) {
    const found = await helm.find(target.name, target.namespace, context.signal);
    if (found === undefined || !isLocked(found)) return found;
    if (context.clock.now().getTime() - started >= (isOurs(found, target) ? patience.ours : patience.theirs)) return found;
    if (!told)
      context.advance({ done: 0, unit: "items", note: `Helm says ${found.status}; waiting to see whether a helm is still at work` });
    told = true;
    await context.clock.pause(pause, context.signal);
  }
}

/** A revision is numbered above all before it; an install makes no uninstall. */
function isOurs({ revision, status }: HelmRelease, { ours }: RepairTarget): boolean {
  return ours !== undefined && revision > ours && status !== "uninstalling";
}

function isLocked({ status }: HelmRelease): boolean {
  return status.startsWith("pending-") || status === "uninstalling";
}
