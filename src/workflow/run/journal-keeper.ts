import { canonicalJson } from "../../domain/canonical-json.ts";
import { Problem } from "../../domain/errors/problem.ts";
import {
  canResume,
  type Journal,
  type JournalEntry,
  type JournalReading,
  newJournal,
  parseJournal,
  withEntry,
} from "../../domain/plan/journal.ts";
import { commandOf, type Plan, type WorkflowName } from "../../domain/plan/plan.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { RunStore } from "../../ports/run-store.ts";
import { ownLabels } from "./labels.ts";

/** Name of the ConfigMap that holds the journal. */
export const journalName = "migratectl-journal";

/** Key of the ConfigMap, and file of the run directory that mirrors it. */
const journalKey = "journal.json";

/** The journal in the cluster and the version the cluster gave it; undefined when there is none. */
export async function readJournal(
  objects: Pick<ClusterObjects, "readDocument">,
  namespace: string,
  signal: AbortSignal,
): Promise<{ readonly reading: JournalReading; readonly version: string } | undefined> {
  const found = await objects.readDocument(namespace, journalName, signal);
  return found && { reading: parseJournal(found.value[journalKey]), version: found.version };
}

/**
 * Refuses to begin over what somebody else has not finished.
 * @throws Problem JOURNAL_STRANGE for an unfinished journal of another version, RUN_UNFINISHED for one of another workflow
 */
export function mayReplace(
  reading: JournalReading | undefined,
  workflow: { readonly name: WorkflowName; readonly abandons: readonly WorkflowName[] },
  namespace: string,
): void {
  const unfinished = reading?.kind === "journal" && !reading.journal.finished ? reading.journal.plan.workflow : undefined;
  if (unfinished !== undefined && (unfinished === workflow.name || workflow.abandons.includes(unfinished))) return;
  nothingUnfinished(reading, namespace);
}

/** Refuses what must not happen while any run is unfinished. @throws Problem JOURNAL_STRANGE, RUN_UNFINISHED */
export function nothingUnfinished(reading: JournalReading | undefined, namespace: string): void {
  if (reading?.kind === "strange" && !reading.finished) {
    const of = reading.workflow === undefined ? "" : ` of an unfinished ${reading.workflow}`;
    throw new Problem("JOURNAL_STRANGE", {
      what: `ConfigMap/${journalName} in namespace ${namespace} holds a journal${of} that this version does not understand`,
    });
  }
  if (reading?.kind !== "journal" || reading.journal.finished) return;
  const { run, plan } = reading.journal;
  throw new Problem("RUN_UNFINISHED", {
    what: `run ${run} (${plan.workflow}) was interrupted`,
    fix: `Finish it first: ${commandOf[plan.workflow]}`,
  });
}

/** What the keeper of a journal needs. */
export interface JournalPorts {
  readonly objects: ClusterObjects;
  readonly run: RunStore;
  /** Told once when the mirror cannot be written; the run goes on, because the cluster's journal is the one that counts. */
  readonly warn: (text: string) => void;
}

/**
 * The journal of one run. Until {@link open} it is kept in the run directory only; from then on every change is first written
 * to the cluster by compare-and-swap, then mirrored.
 */
export class JournalKeeper {
  private journal: Journal;
  private version: string | undefined;
  private place: "run-directory" | "cluster" = "run-directory";
  private mirrored = true;
  private readonly ports: JournalPorts;
  private readonly namespace: string;
  private cutOff: ReadonlySet<string> = new Set();

  constructor(ports: JournalPorts, plan: Plan, planDigest: string, at: string) {
    this.ports = ports;
    this.namespace = plan.release.namespace;
    this.journal = newJournal({ run: ports.run.id, plan, planDigest }, at);
  }

  /** All entries, in the order of the plan. */
  get entries(): readonly JournalEntry[] {
    return this.journal.entries;
  }

  /** Whether an earlier run had begun to take its work back. */
  get direction(): Journal["direction"] {
    return this.journal.direction;
  }

  /** When the work on this plan began, also over interruptions. */
  get startedAt(): string {
    return this.journal.startedAt;
  }

  /** Actions in which an earlier run was cut off. */
  get interrupted(): ReadonlySet<string> {
    return this.cutOff;
  }

  /** The entry of an action. */
  entry(id: string): JournalEntry | undefined {
    return this.journal.entries.find((entry) => entry.id === id);
  }

  /**
   * Finds the cluster's journal and goes on from it when it is of the same plan; otherwise starts anew over it, keeping only what
   * actions that were cut off had written down. Call only while holding the Lease. Gives the number of actions an earlier run has done.
   * @throws Problem JOURNAL_CONFLICT, and as {@link mayReplace}
   */
  async open(workflow: Parameters<typeof mayReplace>[1], signal: AbortSignal): Promise<number> {
    const found = await readJournal(this.ports.objects, this.namespace, signal);
    mayReplace(found?.reading, workflow, this.namespace);
    this.version = found?.version;
    this.place = "cluster";
    const old = found?.reading.kind === "journal" && !found.reading.journal.finished ? found.reading.journal : undefined;
    const before = new Map(old?.entries.map((entry) => [entry.id, entry]));
    this.cutOff = new Set([...before.values()].filter(({ state }) => state === "running").map(({ id }) => id));
    const same = old !== undefined && canResume(old, workflow.name, this.journal.planDigest);
    const goesBack = old?.plan.workflow === workflow.name && old.direction === "back";
    const entries = this.journal.entries.map((entry) =>
      entry.state === "done" ? entry : (taken(before.get(entry.id), same || goesBack) ?? entry),
    );
    const resumed = entries.filter(({ id, state }) => state === "done" && this.entry(id)?.state !== "done").length;
    const kept = same || goesBack ? { startedAt: old.startedAt, direction: old.direction } : {};
    await this.save({ ...this.journal, ...kept, entries }, signal);
    return goesBack ? 0 : resumed;
  }

  /** Writes the new state of one action; what it wrote down ahead, gave, and how it came about stay. @throws Problem JOURNAL_CONFLICT */
  async mark(entry: JournalEntry, signal: AbortSignal): Promise<void> {
    const { before, output, how, error, began: begun } = this.entry(entry.id) ?? {};
    // Of what was found done, nobody knows how long it took.
    const began = entry.state === "running" ? entry.at : entry.how === "found" ? undefined : begun;
    // Taking back goes on from what failed, which the run that ends it tells again.
    const failure = entry.state === "undoing" || entry.state === "undone" ? error : undefined;
    const kept = {
      ...(before === undefined ? {} : { before }),
      ...(output === undefined ? {} : { output }),
      ...(how && { how }),
      ...(began === undefined ? {} : { began }),
      ...(failure && { error: failure }),
    };
    await this.save(withEntry(this.journal, { ...kept, ...entry }), signal);
  }

  /** Writes that from here on the run takes its work back. @throws Problem JOURNAL_CONFLICT */
  async turnBack(signal: AbortSignal): Promise<void> {
    await this.save({ ...this.journal, direction: "back" }, signal);
  }

  /** Writes that the run came to its end. @throws Problem JOURNAL_CONFLICT */
  async finish(signal: AbortSignal): Promise<void> {
    await this.save({ ...this.journal, finished: true }, signal);
  }

  /** Deletes the cluster's journal and keeps only the mirror from here on (an uninstall that leaves nothing behind). */
  async leaveCluster(signal: AbortSignal): Promise<void> {
    this.place = "run-directory";
    await this.ports.objects.deleteDocument(this.namespace, journalName, signal);
    await this.finish(signal);
  }

  private async save(journal: Journal, signal: AbortSignal): Promise<void> {
    if (this.place === "cluster") this.version = await this.swap(journal, signal);
    this.journal = journal;
    await this.mirror();
  }

  private async swap(journal: Journal, signal: AbortSignal): Promise<string> {
    const data = { [journalKey]: `${canonicalJson(journal)}\n` };
    const result = await this.ports.objects.writeDocument(this.namespace, journalName, data, ownLabels, this.version, signal);
    if (result.kind === "written") return result.version;
    if (result.kind === "conflict") {
      // A write whose answer was lost on the way has happened: what is there is then exactly what we wanted.
      const now = await this.ports.objects.readDocument(this.namespace, journalName, signal);
      if (now?.value[journalKey] === data[journalKey]) return now.version;
    }
    const what =
      result.kind === "conflict"
        ? `ConfigMap/${journalName} in namespace ${this.namespace} was changed by somebody else`
        : `namespace ${this.namespace} is gone`;
    throw new Problem("JOURNAL_CONFLICT", { what });
  }

  private async mirror(): Promise<void> {
    try {
      await this.ports.run.write(journalKey, `${JSON.stringify(this.journal, undefined, 2)}\n`);
    } catch (error) {
      if (!this.mirrored) return;
      this.mirrored = false;
      const reason = error instanceof Error ? error.message : String(error);
      this.ports.warn(`The run directory ${this.ports.run.path} cannot be written (${reason}); the journal in the cluster is complete.`);
    }
  }
}

/** What is taken over of an earlier entry: all of it from the same plan; from another plan only that the action was cut off, and what it wrote down. */
function taken(entry: JournalEntry | undefined, samePlan: boolean): JournalEntry | undefined {
  if (samePlan || entry === undefined) return entry;
  if (entry.state !== "running") return undefined;
  return { id: entry.id, state: "running", at: entry.at, ...(entry.before === undefined ? {} : { before: entry.before }) };
}
