import type { Plan } from "../../domain/plan/plan.ts";
import type { Actor } from "../../domain/plan/record.ts";
import { type CarryOutPorts, carryOut, makePlan, type Undertaking } from "../run/carry-out.ts";
import { chartLabels, releaseLabels } from "../run/labels.ts";
import { type LeasePorts, leaseName } from "../run/lease.ts";
import { type Situation, unfinishedJournal } from "../run/situation.ts";
import { workflow } from "../run/step.ts";
import { identityStep } from "../steps/identity.ts";
import { leaseStep } from "../steps/lease.ts";
import { deleteClaimsStep, deleteSecretsStep, drainStep, helmUninstallStep } from "../steps/removal.ts";
import type { UninstallStart } from "./uninstall-start.ts";

/** What a person asked for. */
export interface UninstallRequest {
  readonly name: string;
  readonly namespace: string;
  readonly deleteData: boolean;
  readonly dryRun: boolean;
}

/** What an uninstall works through. */
export interface UninstallPorts extends CarryOutPorts, LeasePorts {
  readonly by: (signal: AbortSignal) => Promise<Actor>;
  /** Shows the plan and asks; with --delete-data the release's name has to be typed. @throws Problem INSTALL_NOT_CONFIRMED, UNINSTALL_NOT_CONFIRMED, USAGE */
  readonly confirm: (plan: Plan) => Promise<void>;
}

/** How an uninstall ended well. */
export interface UninstallResult {
  readonly kind: "planned" | "nothing" | "uninstalled";
  readonly name: string;
  readonly namespace: string;
  readonly plan: Plan;
  readonly deletedData: boolean;
  /** Claims and Secrets that are still there, as `PersistentVolumeClaim/data-postgres-0 (200Gi)`. */
  readonly kept: readonly string[];
}

/** Taking a release down, in the order it happens. It may put an end to whatever was interrupted. */
function uninstallation({ objects, helm, ...ports }: UninstallPorts) {
  return workflow<UninstallStart>("uninstall", ["install", "restore", "undo-restore"])
    .prepare(identityStep(objects))
    .prepare(leaseStep({ objects, ...ports }))
    .step(helmUninstallStep(helm))
    .step(drainStep(objects))
    .step(deleteClaimsStep(objects))
    .step(deleteSecretsStep(objects));
}

/**
 * Takes a release down. Data, Secrets and record stay unless they are to go, too. Doing it twice is no error.
 * @throws Problem UNINSTALL_*, INSTALL_LOCKED, RUN_UNFINISHED, PLAN_STALE, and what the failing action threw
 */
export async function uninstall(ports: UninstallPorts, request: UninstallRequest, signal: AbortSignal): Promise<UninstallResult> {
  const { name, namespace, deleteData } = request;
  const undertaking = await uninstalling(ports, request, signal);
  const planned = await makePlan(ports, undertaking, signal);
  const { start } = undertaking;
  const result = { name, namespace, plan: planned.plan, deletedData: deleteData, kept: keptOf(start) };

  if (await nothingToDo(ports, planned.situation, start, signal)) return { ...result, kind: "nothing" };
  if (request.dryRun) return { ...result, kind: "planned", kept: deleteData ? [] : result.kept };
  await ports.confirm(planned.plan);
  await carryOut(ports, undertaking, planned, signal);
  return { ...result, kind: "uninstalled", kept: keptOf(await whatIsThere(ports, request, signal)) };
}

async function uninstalling(ports: UninstallPorts, request: UninstallRequest, signal: AbortSignal): Promise<Undertaking<UninstallStart>> {
  const { name, namespace, deleteData } = request;
  const clusterUid = (await ports.objects.clusterUid(namespace, signal)) ?? "unknown";
  return {
    workflow: uninstallation(ports),
    start: { name, namespace, clusterUid, deleteData, ...(await whatIsThere(ports, request, signal)) },
    // After an interruption Helm may have forgotten the release already; the record still knows which version it was.
    subject: ({ release, record }) => ({
      version: release?.appVersion ?? record?.record.entries.at(-1)?.version ?? "",
      inputs: {},
    }),
    by: await ports.by(signal),
    skippedChecks: [],
    leaveNothing: deleteData,
  };
}

async function whatIsThere(
  { objects }: UninstallPorts,
  { name, namespace }: UninstallRequest,
  signal: AbortSignal,
): Promise<Pick<UninstallStart, "claims" | "secrets">> {
  const claims = await objects.listLabelled(namespace, "PersistentVolumeClaim", chartLabels(name), signal);
  const secrets = (await objects.listLabelled(namespace, "Secret", releaseLabels(name), signal)).map((secret) => secret.name);
  return { claims, secrets };
}

/** True when Helm knows no such release, no run was interrupted, and there is nothing that is to go: data, secrets, the Lease of a run that died. */
async function nothingToDo(
  { objects }: UninstallPorts,
  situation: Situation,
  { namespace, deleteData, claims, secrets }: UninstallStart,
  signal: AbortSignal,
): Promise<boolean> {
  if (situation.release !== undefined || unfinishedJournal(situation) !== undefined) return false;
  if (!deleteData) return true;
  const { lease } = await objects.readLease(namespace, leaseName, signal);
  return claims.length === 0 && secrets.length === 0 && situation.journal === undefined && lease === undefined;
}

function keptOf({ claims, secrets }: Pick<UninstallStart, "claims" | "secrets">): readonly string[] {
  return [
    ...claims.map(({ name, size }) => `PersistentVolumeClaim/${name}${size === undefined ? "" : ` (${size})`}`),
    ...secrets.map((name) => `Secret/${name}`),
  ];
}
