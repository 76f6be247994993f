import { canonicalJson } from "../domain/canonical-json.ts";
import { Problem } from "../domain/errors/problem.ts";
import { canResume, type Journal, type JournalEntry, journalSchema, withEntry } from "../domain/plan/journal.ts";
import type { ClusterObjects } from "../ports/cluster-objects.ts";
import type { RunStore } from "../ports/run-store.ts";
import { ownLabels } from "./own-labels.ts";

/** Name of the ConfigMap that holds the journal. */
export const journalName = "migratectl-journal";

/** File of the run directory that mirrors it. */
const journalFile = "journal.json";

const journalKey = "journal.json";

/** The journal in the cluster, or undefined when there is none that can be read. */
export async function readJournal(objects: ClusterObjects, namespace: string, signal: AbortSignal): Promise<Journal | undefined> {
  return parse((await objects.readDocument(namespace, journalName, signal))?.value[journalKey]);
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

  constructor(ports: JournalPorts, namespace: string, journal: Journal) {
    this.ports = ports;
    this.namespace = namespace;
    this.journal = journal;
  }

  /** All entries, in the order of the plan. */
  get entries(): readonly JournalEntry[] {
    return this.journal.entries;
  }

  /** Actions in which an earlier run was cut off or failed. */
  get interrupted(): ReadonlySet<string> {
    return this.cutOff;
  }

  /** The entry of an action. */
  entry(id: string): JournalEntry | undefined {
    return this.journal.entries.find((entry) => entry.id === id);
  }

  /**
   * Finds the cluster's journal and goes on from it when it is of the same plan; otherwise starts anew over it.
   * Call only while holding the Lease. Gives the number of actions an earlier run has done.
   * @throws Problem JOURNAL_CONFLICT
   */
  async open(signal: AbortSignal): Promise<number> {
    const found = await this.ports.objects.readDocument(this.namespace, journalName, signal);
    this.version = found?.version;
    this.place = "cluster";
    const old = parse(found?.value[journalKey]);
    const before = new Map(old?.finished === false ? old.entries.map((entry) => [entry.id, entry]) : []);
    this.cutOff = new Set([...before.values()].filter(({ state }) => state === "running" || state === "failed").map(({ id }) => id));
    const same = old !== undefined && canResume(old, this.journal.workflow, this.journal.planDigest);
    const entries = this.journal.entries.map((entry) => (entry.state === "done" ? entry : (taken(before.get(entry.id), same) ?? entry)));
    const resumed = entries.filter(({ id, state }) => state === "done" && this.entry(id)?.state !== "done").length;
    await this.save({ ...this.journal, entries }, signal);
    return resumed;
  }

  /** Writes the new state of one action. @throws Problem JOURNAL_CONFLICT */
  async mark(entry: JournalEntry, signal: AbortSignal): Promise<void> {
    await this.save(withEntry(this.journal, entry), signal);
  }

  /** Writes that the run came to its end. @throws Problem JOURNAL_CONFLICT */
  async finish(signal: AbortSignal): Promise<void> {
    await this.save({ ...this.journal, finished: true }, signal);
  }

  /** Deletes the cluster's journal and keeps only the mirror from here on (an uninstall that leaves nothing behind). */
  async leaveCluster(signal: AbortSignal): Promise<void> {
    this.place = "run-directory";
    await this.ports.objects.deleteDocument(this.namespace, journalName, signal);
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
      await this.ports.run.write(journalFile, `${JSON.stringify(this.journal, undefined, 2)}\n`);
    } catch (error) {
      if (!this.mirrored) return;
      this.mirrored = false;
      const reason = error instanceof Error ? error.message : String(error);
      this.ports.warn(`The run directory ${this.ports.run.path} cannot be written (${reason}); the journal in the cluster is complete.`);
    }
  }
}

/** What is taken over of an earlier entry: all of it from the same plan; from another plan only that the action was begun. */
function taken(entry: JournalEntry | undefined, samePlan: boolean): JournalEntry | undefined {
  if (samePlan || entry === undefined) return entry;
  return entry.state === "running" || entry.state === "failed" ? { id: entry.id, state: "running", at: entry.at } : undefined;
}

/** A journal of another version or a damaged one is no reason to stop: every action converges. */
function parse(text: string | undefined): Journal | undefined {
  if (text === undefined) return undefined;
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
