import { type Demand, demand, Filling, type Refusal } from "./placement.ts";
import type { RequestDefaults } from "./pod-requests.ts";
import type { Room } from "./room.ts";
import type { WantedPod } from "./wanted-pods.ts";

/** A pod without a node, and how many nodes refuse it for which reason. */
export interface Unplaced {
  readonly pod: WantedPod;
  readonly refusals: readonly { readonly refusal: Refusal; readonly nodes: number }[];
}

/**
 * The outcome of packing. `fits`: also when placed one after the other as the scheduler does; `tight`: only when packed more cleverly than
 * the scheduler would; `short`: no packing was found.
 */
export type Fit =
  | { readonly kind: "fits" | "tight"; readonly placements: ReadonlyMap<string, string> }
  | { readonly kind: "short"; readonly placements: ReadonlyMap<string, string>; readonly unplaced: readonly Unplaced[] };

/** Steps of the search before it gives up; some 100 ms. */
const patience = 20_000;

/** Packs the pods onto what is free, all steady ones together and each passing one beside them. Pure and deterministic. */
export function fit(pods: readonly WantedPod[], all: readonly Room[], defaults: RequestDefaults = {}): Fit {
  const steady = pods.filter(({ life }) => life === "steady").map((pod) => demand(pod, defaults));
  const passing = pods.filter(({ life }) => life === "passing").map((pod) => demand(pod, defaults));
  const loose = spreadOut(steady, all);
  if (loose.unplaced.length === 0) {
    const left = withPassing(loose.filling, passing);
    if (left.length === 0) return { kind: "fits", placements: placementsOf(loose.filling) };
  }
  const packed = packTight(steady, all);
  const unplaced = [...packed.unplaced.map((wanted) => explain(packed.filling, wanted)), ...withPassing(packed.filling, passing)];
  const placements = placementsOf(packed.filling);
  return unplaced.length === 0 ? { kind: "tight", placements } : { kind: "short", placements, unplaced };
}

interface Packing {
  readonly filling: Filling;
  readonly unplaced: readonly Demand[];
}

/** As kube-scheduler does: in order, each onto the node that is left emptiest. */
function spreadOut(demands: readonly Demand[], all: readonly Room[]): Packing {
  const filling = new Filling(all);
  const unplaced: Demand[] = [];
  for (const wanted of demands) {
    const best = bestNode(filling, wanted, (index) => share(index, filling, wanted));
    if (best === undefined) unplaced.push(wanted);
    else filling.put(best, wanted);
  }
  return { filling, unplaced };
}

/** Largest first, each where the least is left; goes back and tries other nodes until its patience ends. */
function packTight(demands: readonly Demand[], all: readonly Room[]): Packing {
  const largest = Math.max(1, ...all.map(({ free }) => free["memory"] ?? 0));
  const most = Math.max(1, ...all.map(({ free }) => free["cpu"] ?? 0));
  const size = ({ amounts }: Demand) => Math.max((amounts["cpu"] ?? 0) / most, (amounts["memory"] ?? 0) / largest);
  const ordered = demands.toSorted((a, b) => size(b) - size(a));
  const greedy = firstFit(ordered, all);
  if (greedy.unplaced.length === 0) return greedy;
  const filling = new Filling(all);
  return search(filling, ordered, 0, { steps: 0 }) ? { filling, unplaced: [] } : greedy;
}

function firstFit(ordered: readonly Demand[], all: readonly Room[]): Packing {
  const filling = new Filling(all);
  const unplaced: Demand[] = [];
  for (const wanted of ordered) {
    const best = bestNode(filling, wanted, (index) => -share(index, filling, wanted));
    if (best === undefined) unplaced.push(wanted);
    else filling.put(best, wanted);
  }
  return { filling, unplaced };
}

function search(filling: Filling, ordered: readonly Demand[], position: number, effort: { steps: number }): boolean {
  const wanted = ordered[position];
  if (wanted === undefined) return true;
  const refusal = filling.judge(wanted);
  const candidates = filling.rooms
    .flatMap((_, index) => (refusal(index) === undefined ? [{ index, left: share(index, filling, wanted) }] : []))
    .sort((a, b) => a.left - b.left);
  const tried = new Set<string>();
  for (const { index } of candidates) {
    // Nodes that look the same now lead to the same end.
    const look = JSON.stringify([
      filling.freeOn(index),
      filling.rooms[index]?.taints,
      filling.podsOn(index).map(({ owner }) => owner),
      zoneOf(filling.rooms[index]),
    ]);
    if (tried.has(look)) continue;
    tried.add(look);
    effort.steps += filling.rooms.length;
    if (effort.steps > patience) return false;
    filling.put(index, wanted);
    if (search(filling, ordered, position + 1, effort)) return true;
    filling.undo(index, wanted);
  }
  return false;
}

function zoneOf(room: Room | undefined): unknown {
  const { "kubernetes.io/hostname": _, ...labels } = room?.labels ?? {};
  return labels;
}

function bestNode(filling: Filling, wanted: Demand, score: (index: number) => number): number | undefined {
  const refusal = filling.judge(wanted);
  let best: { readonly index: number; readonly score: number } | undefined;
  for (const index of filling.rooms.keys()) {
    if (refusal(index) !== undefined) continue;
    const points = score(index);
    if (best === undefined || points > best.score) best = { index, score: points };
  }
  return best?.index;
}

/** How empty the node stays with the pod on it: the mean of CPU's and memory's free shares. */
function share(index: number, filling: Filling, { amounts }: Demand): number {
  const free = filling.freeOn(index);
  const whole = filling.rooms[index]?.whole ?? {};
  const part = (name: string) => ((free[name] ?? 0) - (amounts[name] ?? 0)) / Math.max(1, whole[name] ?? 0);
  return (part("cpu") + part("memory")) / 2;
}

/** Each passing pod for itself beside all steady ones. */
function withPassing(filling: Filling, passing: readonly Demand[]): readonly Unplaced[] {
  return passing.filter((wanted) => bestNode(filling, wanted, () => 0) === undefined).map((wanted) => explain(filling, wanted));
}

function explain(filling: Filling, wanted: Demand): Unplaced {
  const refusal = filling.judge(wanted);
  const reasons = filling.rooms.flatMap((_, index) => refusal(index) ?? []);
  const grouped = Map.groupBy(reasons, (refusal) => JSON.stringify(refusal));
  const refusals = [...grouped.values()].flatMap((group) => (group[0] === undefined ? [] : [{ refusal: group[0], nodes: group.length }]));
  return { pod: wanted.pod, refusals: refusals.sort((a, b) => b.nodes - a.nodes) };
}

function placementsOf(filling: Filling): ReadonlyMap<string, string> {
  return new Map(filling.rooms.flatMap((room, index) => filling.podsOn(index).map((pod) => [pod.name, room.name] as const)));
}
