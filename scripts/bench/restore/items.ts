import type { JournalEntry } from "../../../src/domain/plan/journal.ts";

/** `bare`: pgBackRest by hand takes it too; `growing`: ours alone, and more with more data; `fixed`: ours alone, whatever the size. */
type ItemKind = "bare" | "growing" | "fixed";

/** A part of a restore, and what it took. */
export interface Item {
  readonly name: string;
  readonly seconds: number;
  readonly kind: ItemKind;
}

/** Name of the item with whose end the platform is known to serve again. */
export const smokeTest = "smoke test";

/** What one restore of ours is put together from; moments are milliseconds since 1970. */
export interface Observed {
  readonly began: number;
  readonly ended: number;
  /** The actions as the journal tells them, in the order of the plan. */
  readonly actions: readonly (Pick<JournalEntry, "id" | "began" | "at"> & { readonly title: string })[];
  /** When the restore's pod said that it went over to a phase. */
  readonly phases: ReadonlyMap<string, number>;
  /** Seconds that pgBackRest itself says of the full backup. */
  readonly backupSeconds: number;
}

/** Where an item ends; the next one begins there. */
type Cut = readonly [name: string, end: number, kind?: ItemKind];

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
export function itemise({ began, ended, actions, phases, backupSeconds }: Observed): readonly Item[] {
  const phase = (name: string): number => {
    const at = phases.get(name);
    if (at === undefined) throw new Error(`the restore's pod did not say that it was ${name}`);
    return at;
  };
  const cutsOf = ({ id, title, began: begun = "", at }: Observed["actions"][number]): readonly Cut[] => {
    const [from, to] = [Date.parse(begun), Date.parse(at)];
    switch (id) {
      case "recover":
        return [
          ["start the restore's pod", phase("copying")],
          ["copy", phase("recovering"), "bare"],
          ["replay", phase("paused"), "bare"],
          ["see that the moment is reached", to],
        ];
      case "promote":
        return [
          ["look at what was recovered", from, "growing"],
          ["tell it to promote", phase("promoting")],
          ["promote", phase("promoted"), "bare"],
          ["prove that the new timeline is archived", phase("switching")],
          ["stop, switch, end the pod", to],
        ];
      case "backup":
        return [
          ["full backup", from + backupSeconds * 1000, "bare"],
          ["ask for the backup, see its end", to],
        ];
      default:
        return [[`${title.slice(0, 1).toLowerCase()}${title.slice(1)}`, to]];
    }
  };
  const first = actions.findIndex(({ id }) => id === "quiesce");
  const cuts: readonly Cut[] = [
    ["start, resolve the moment, plan", Date.parse(actions[first]?.began ?? "")],
    ...actions.slice(first).flatMap(cutsOf),
    ["record, end", ended],
  ];
  return cuts.map(([name, end, kind = "fixed"], index) => ({ name, seconds: (end - (cuts[index - 1]?.[1] ?? began)) / 1000, kind }));
}

/** Seconds of all items, or of those of one kind. */
export function total(items: readonly Item[], which: "all" | ItemKind = "all"): number {
  return items.filter(({ kind }) => which === "all" || kind === which).reduce((sum, { seconds }) => sum + seconds, 0);
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
