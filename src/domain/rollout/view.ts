import type { CauseCard } from "./cause.ts";
import { isOnTheWay } from "./find-causes.ts";
import { isReady } from "./readiness.ts";
import type { RolloutFacts, Workload } from "./workload.ts";

/** One line of the rollout's table. */
export interface ComponentRow {
  readonly component: string;
  readonly workload: { readonly kind: Workload["kind"]; readonly name: string };
  readonly ready: number;
  readonly wanted: number;
  readonly state: "ready" | "waiting" | "progressing" | "trouble";
  /** What it waits for or what is wrong; empty when ready. */
  readonly note: string;
}

/** The table of a rollout: one row per workload, in the order of the cards for what is unready, then what is ready. */
export function rows(facts: RolloutFacts, cards: readonly CauseCard[]): readonly ComponentRow[] {
  const byWorkload = new Map(cards.map((card) => [`${card.workload.kind}/${card.workload.name}`, card]));
  return facts.workloads
    .filter((workload) => workload.cronJob === undefined)
    .map((workload) => row(workload, byWorkload.get(`${workload.kind}/${workload.name}`)))
    .toSorted((a, b) => a.component.localeCompare(b.component) || a.workload.name.localeCompare(b.workload.name));
}

/** The same table as plain text lines with aligned columns, for a live view. */
export function viewLines(table: readonly ComponentRow[]): readonly string[] {
  const cells = table.map((one) => [one.component, `${one.ready}/${one.wanted}`, one.state, one.note] as const);
  const width = (column: 0 | 1 | 2) => Math.max(0, ...cells.map((line) => line[column].length));
  const [first, second, third] = [width(0), width(1), width(2)];
  return cells.map(([component, count, state, note]) =>
    `${component.padEnd(first)}  ${count.padStart(second)}  ${state.padEnd(third)}  ${note}`.trimEnd(),
  );
}

function row(workload: Workload, card: CauseCard | undefined): ComponentRow {
  const common = {
    component: workload.component,
    workload: { kind: workload.kind, name: workload.name },
    ready: workload.ready,
    wanted: workload.wanted,
  };
  if (card === undefined || isReady(workload)) return { ...common, state: "ready", note: "" };
  if (card.consequenceOf.length > 0) return { ...common, state: "waiting", note: `for ${card.consequenceOf.join(", ")}` };
  return { ...common, state: isOnTheWay(card.cause) ? "progressing" : "trouble", note: card.what };
}
