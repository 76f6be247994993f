import { assertNever } from "../../domain/assert-never.ts";
import { type Remedy, remedyText } from "../../domain/doctor/remedies.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { Actor } from "../../domain/plan/record.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { Helm } from "../../ports/helm.ts";
import { nothingUnfinished, readJournal } from "../run/journal-keeper.ts";
import { holdLease, type LeasePorts } from "../run/lease.ts";
import { sha256 } from "../run/plan-of.ts";
import { readRecord, writeRecord } from "../run/record-book.ts";
import { settledRelease } from "../steps/repair-release.ts";
import { type DoctorReport, doctor } from "./doctor.ts";
import type { DoctorPorts } from "./gather.ts";

/** What mending works through. */
export interface FixPorts extends Omit<DoctorPorts, "objects" | "clock">, LeasePorts {
  readonly helm: Helm;
  /** Id of this run, for Lease and record. */
  readonly run: string;
  readonly by: (signal: AbortSignal) => Promise<Actor>;
  /** Shows what is to be done and asks. @throws Problem INSTALL_NOT_CONFIRMED, USAGE when nobody can be asked */
  readonly confirm: (texts: readonly string[]) => Promise<void>;
}

/** How mending ended: the release as it is now. */
export interface FixedReport extends DoctorReport {
  /** What was done, in words; in a dry run what would be. */
  readonly fix: { readonly state: "planned" | "done"; readonly texts: readonly string[] };
}

const action = { id: "repair", title: "Mend what is safe to mend" } as const;

/**
 * Looks at a release, mends what is safe to mend after a person's yes, and looks again. Everything it does is done once however often it is
 * called, so that a call that was cut off is simply made again; while another run is unfinished nothing is touched.
 * @throws Problem INSTALL_LOCKED, RUN_UNFINISHED, HELM_*, CLUSTER_*, and as {@link doctor}
 */
export async function fix(
  ports: FixPorts,
  scope: ReleaseScope,
  { dryRun }: { readonly dryRun: boolean },
  signal: AbortSignal,
): Promise<FixedReport> {
  const before = await doctor(ports, scope, signal);
  const texts = before.remedies.map(remedyText);
  if (texts.length === 0) return { ...before, fix: { state: "done", texts } };
  if (dryRun) return { ...before, fix: { state: "planned", texts } };
  await ports.confirm(texts);
  await mend(ports, before, signal);
  return { ...(await doctor(ports, scope, signal)), fix: { state: "done", texts } };
}

async function mend(ports: FixPorts, report: DoctorReport, signal: AbortSignal): Promise<void> {
  const { objects, progress, run } = ports;
  const { namespace } = report;
  const startedAt = ports.clock.now().toISOString();
  const ousted = new AbortController();
  const waiting = (text: string) => progress.tell({ kind: "note", text });
  const lease = await holdLease(ports, namespace, run, { lost: (reason) => ousted.abort(reason), waiting }, signal);
  progress.tell({ kind: "started", ...action });
  try {
    const holding = AbortSignal.any([signal, ousted.signal]);
    nothingUnfinished((await readJournal(objects, namespace, holding))?.reading, namespace);
    for (const [index, remedy] of report.remedies.entries()) {
      progress.tell({ kind: "advanced", id: action.id, advance: { done: index, total: report.remedies.length, unit: "items" } });
      await apply(ports, report, remedy, holding);
    }
    await record(ports, report, startedAt, holding);
    progress.tell({ kind: "done", id: action.id });
  } catch (error) {
    progress.tell({ kind: "failed", id: action.id, what: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    await lease.release();
  }
}

async function apply(ports: FixPorts, { namespace }: ReleaseScope, remedy: Remedy, signal: AbortSignal): Promise<void> {
  switch (remedy.kind) {
    case "unlock":
      return await unlock(ports, { name: remedy.release, namespace, revision: remedy.revision }, signal);
    case "clear":
      await ports.objects.deleteExactly(namespace, remedy.object.kind, remedy.object, signal);
      return;
    default:
      return assertNever(remedy);
  }
}

/** Has Helm deploy what it deployed last or, of a release that never was, what is pending: its own way out, which keeps its history. */
async function unlock(
  { helm, clock, progress }: FixPorts,
  { name, namespace, revision }: { readonly name: string; readonly namespace: string; readonly revision: number },
  signal: AbortSignal,
): Promise<void> {
  const note = (text: string) => progress.tell({ kind: "note", text });
  const advance = () => undefined;
  const found = await settledRelease(helm, { name, namespace, ours: undefined }, { clock, signal, note, advance });
  // It has come to its end by itself, or somebody else has gone on.
  if (found?.revision !== revision || !found.status.startsWith("pending-")) return;
  const deployed = (await helm.history(name, namespace, signal)).findLast(({ status }) => status === "deployed");
  await helm.rollback(name, namespace, deployed?.revision ?? revision, signal);
  const now = await helm.find(name, namespace, signal);
  if (now?.status !== "deployed")
    throw new Problem("HELM_STUCK", { what: `release ${name} is ${now?.status ?? "gone"} after helm rollback` });
}

async function record({ objects, clock, run, by }: FixPorts, report: DoctorReport, startedAt: string, signal: AbortSignal): Promise<void> {
  const { release, namespace, version = "", remedies } = report;
  const clusterUid = (await readRecord(objects, namespace, signal))?.record.clusterUid ?? (await objects.clusterUid(namespace, signal));
  const entry = {
    workflow: "repair",
    run,
    by: await by(signal),
    version,
    planDigest: sha256(remedies.map(remedyText).join("\n")),
    skippedChecks: [],
    startedAt,
    finishedAt: clock.now().toISOString(),
    outcome: "succeeded",
  } as const;
  await writeRecord(objects, namespace, { release, clusterUid: clusterUid ?? "unknown", entry }, signal);
}
