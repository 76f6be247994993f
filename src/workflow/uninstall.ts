import type { Plan } from "../domain/plan/plan.ts";
import type { Actor } from "../domain/plan/record.ts";
import type { Helm } from "../ports/helm.ts";
import type { LeasePorts } from "./lease.ts";
import { releaseLabels } from "./own-labels.ts";
import { planOf } from "./plan-of.ts";
import { readRecord } from "./record-book.ts";
import { type RunnerPorts, runPlan } from "./runner.ts";
import { readJournal } from "./runner-journal.ts";
import { identityStep } from "./steps/identity.ts";
import { leaseStep } from "./steps/lease.ts";
import { chartLabels, closeRecordStep, deleteClaimsStep, deleteSecretsStep, drainStep, helmUninstallStep } from "./steps/uninstall.ts";
import type { UninstallStart } from "./steps/uninstall-start.ts";
import { workflow } from "./workflow-builder.ts";

/** What a person asked for. */
export interface UninstallRequest {
  readonly name: string;
  readonly namespace: string;
  readonly deleteData: boolean;
  readonly dryRun: boolean;
}

/** What an uninstall works through. */
export interface UninstallPorts extends RunnerPorts, LeasePorts {
  readonly helm: Helm;
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

/** Taking a release down, in the order it happens. */
function uninstallation({ objects, helm, ...ports }: UninstallPorts) {
  return workflow<UninstallStart>("uninstall")
    .prepare(identityStep(objects))
    .prepare(leaseStep({ objects, ...ports }))
    .step(helmUninstallStep(helm))
    .step(drainStep(objects))
    .step(deleteClaimsStep(objects))
    .step(deleteSecretsStep(objects))
    .step(closeRecordStep(objects));
}

/**
 * Takes a release down. Data, Secrets and record stay unless they are to go, too. Doing it twice is no error.
 * @throws Problem UNINSTALL_*, INSTALL_LOCKED, and what the failing action threw
 */
export async function uninstall(ports: UninstallPorts, request: UninstallRequest, signal: AbortSignal): Promise<UninstallResult> {
  const { name, namespace, deleteData } = request;
  const start = await gatherStart(ports, request, signal);
  const story = uninstallation(ports);
  const plan = planOf(story, start, { release: { name, namespace, version: start.version }, clusterUid: start.clusterUid, inputs: {} });
  const result = { name, namespace, plan, deletedData: deleteData, kept: keptOf(start) };

  if (await nothingToDo(ports, start, signal)) return { ...result, kind: "nothing" };
  if (request.dryRun) return { ...result, kind: "planned", kept: deleteData ? [] : result.kept };
  await ports.confirm(plan);
  await runPlan(ports, story, start, plan, { signal, onFailure: "keep" });
  return { ...result, kind: "uninstalled", kept: keptOf(await gatherStart(ports, request, signal)) };
}

async function gatherStart(
  ports: UninstallPorts,
  { name, namespace, deleteData }: UninstallRequest,
  signal: AbortSignal,
): Promise<UninstallStart> {
  const { objects, helm } = ports;
  const claims = await objects.listLabelled(namespace, "PersistentVolumeClaim", chartLabels(name), signal);
  const secrets = (await objects.listLabelled(namespace, "Secret", releaseLabels(name), signal)).map((secret) => secret.name);
  // After an interruption Helm may have forgotten the release already; the record still knows which version it was.
  const recorded = (await readRecord(objects, namespace, signal))?.record.entries.at(-1)?.version;
  const version = (await helm.find(name, namespace, signal))?.appVersion ?? recorded ?? "";
  const clusterUid = (await objects.clusterUid(namespace, signal)) ?? "unknown";
  return { name, namespace, clusterUid, version, deleteData, claims, secrets, by: await ports.by(signal) };
}

/** True when Helm knows no such release, no run was interrupted, and there is no data that is to go. */
async function nothingToDo({ objects, helm }: UninstallPorts, start: UninstallStart, signal: AbortSignal): Promise<boolean> {
  if ((await helm.find(start.name, start.namespace, signal)) !== undefined) return false;
  const journal = await readJournal(objects, start.namespace, signal);
  if (journal !== undefined && !journal.finished) return false;
  return !start.deleteData || (start.claims.length === 0 && start.secrets.length === 0 && journal === undefined);
}

function keptOf({ claims, secrets }: UninstallStart): readonly string[] {
  return [
    ...claims.map(({ name, size }) => `PersistentVolumeClaim/${name}${size === undefined ? "" : ` (${size})`}`),
    ...secrets.map((name) => `Secret/${name}`),
  ];
}
