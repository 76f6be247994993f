import type { JournalEntry } from "../../../src/domain/plan/journal.ts";

/** A part of a restore: what it is, what it took, and whether it grows with the data. */
export interface Item {
  readonly name: string;
  readonly seconds: number;
  readonly scales: boolean;
}

/** What one restore of ours is put together from; moments are milliseconds since 1970. */
export interface Observed {
  readonly began: number;
  readonly ended: number;
  readonly entries: readonly Pick<JournalEntry, "id" | "began" | "at">[];
  /** When the restore's pod said that it went over to a phase. */
  readonly phases: ReadonlyMap<string, number>;
  /** Seconds that pgBackRest itself says of the full backup. */
  readonly backupSeconds: number;
}

/** The phases that a pod's log tells (`kubectl logs --timestamps`), each with the moment of its first line. */
export function phasesIn(log: readonly string[]): ReadonlyMap<string, number> {
  const phases = new Map<string, number>();
  for (const line of log) {
    const [, at, phase] = /^(\S+Z) \{.*"message":"restore: ([^"]+)"/.exec(line) ?? [];
    if (at !== undefined && phase !== undefined && !phases.has(phase)) phases.set(phase, Date.parse(at));
  }
  return phases;
}

/** Splits the wall time of a restore at what is known of it; the items follow each other without a gap, so that their sum is the wall time. */
export function itemise({ began, ended, entries, phases, backupSeconds }: Observed): readonly Item[] {
  const entry = (id: string) => {
    const found = entries.find((one) => one.id === id);
    if (found === undefined) throw new Error(`the journal has no action ${id}`);
    return found;
  };
  const done = (id: string): number => Date.parse(entry(id).at);
  const phase = (name: string): number => {
    const at = phases.get(name);
    if (at === undefined) throw new Error(`the restore's pod did not say that it was ${name}`);
    return at;
  };
  const cuts: readonly (readonly [name: string, end: number, scales?: "scales"])[] = [
    ["start, resolve the moment, plan", Date.parse(entry("quiesce").began ?? "")],
    ["take out of service", done("quiesce")],
    ["stop the database", done("stop-database")],
    ["start the restore's pod", phase("copying")],
    ["copy", phase("recovering"), "scales"],
    ["replay", phase("paused"), "scales"],
    ["see it, confirm, tell it to promote", phase("promoting")],
    ["promote", phase("promoted"), "scales"],
    ["prove that the new timeline is archived", phase("switching")],
    ["stop, switch, end the pod", done("promote")],
    ["start the database", done("start-database")],
    ["full backup", done("start-database") + backupSeconds * 1000, "scales"],
    ["ask for the backup, see its end", done("backup")],
    ["back in service", done("back-in-service")],
    ["rollout", done("rollout")],
    ["smoke test", done("smoke")],
    ["record, end", ended],
  ];
  return cuts.map(([name, end, scales], index) => ({
    name,
    seconds: (end - (cuts[index - 1]?.[1] ?? began)) / 1000,
    scales: scales === "scales",
  }));
}

/** Seconds of all items, or of those that grow with the data, or of those that do not. */
export function total(items: readonly Item[], which: "all" | "scaling" | "fixed" = "all"): number {
  return items.filter(({ scales }) => which === "all" || scales === (which === "scaling")).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Seconds of the item of that name; 0 where there is none. */
export function secondsOf(items: readonly Item[], name: string): number {
  return items.find((item) => item.name === name)?.seconds ?? 0;
}

/** Seconds that pgBackRest says a command of its took, by the last such line of its log. @throws Error when there is none */
export function pgBackRestSeconds(command: "backup" | "restore", log: string): number {
  const took = [...log.matchAll(new RegExp(`${command} command end: completed successfully \\((\\d+)ms\\)`, "g"))].at(-1)?.[1];
  if (took === undefined) throw new Error(`pgBackRest did not say what its ${command} took`);
  return Number(took) / 1000;
}
