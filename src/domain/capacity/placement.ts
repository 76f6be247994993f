import { podRequests, type RequestDefaults } from "./pod-requests.ts";
import { type Amounts, amountsOf, type Room } from "./room.ts";
import { type LabelSelector, selects, selectsNode, tolerated } from "./selectors.ts";
import type { WantedPod } from "./wanted-pods.ts";

/** Why a pod cannot go onto a node, in the scheduler's categories. */
export type Refusal =
  | { readonly kind: "taint"; readonly key: string }
  | { readonly kind: "selector" }
  | { readonly kind: "resource"; readonly name: string }
  | { readonly kind: "anti-affinity" }
  | { readonly kind: "affinity" }
  | { readonly kind: "spread"; readonly key: string };

/** A pod with its amounts worked out once. */
export interface Demand {
  readonly pod: WantedPod;
  readonly amounts: Amounts;
}

/** What a pod asks a node for, one pod slot included. */
export function demand(pod: WantedPod, defaults: RequestDefaults = {}): Demand {
  const { pods: _, ...amounts } = amountsOf(podRequests(pod.spec, defaults));
  return { pod, amounts: { ...amounts, pods: 1 } };
}

/** Nodes being filled: every placement can be taken back. */
export class Filling {
  readonly rooms: readonly Room[];
  private readonly free: Record<string, number>[];
  private readonly placed: WantedPod[][];
  /** Nodes with pods that matter to others: those of the namespace, and those placed here. */
  private readonly occupied = new Map<number, number>();
  private readonly fixed = new Map<string, readonly (Refusal | undefined)[]>();
  private readonly topologies = new Map<string, ReadonlySet<string>>();

  constructor(all: readonly Room[]) {
    this.rooms = all;
    this.free = all.map((room) => ({ ...room.free }));
    this.placed = all.map(() => []);
    for (const [index, room] of all.entries()) if (room.present.length > 0) this.occupied.set(index, 1);
  }

  /** Free amounts of a node now. */
  freeOn(index: number): Amounts {
    return this.free[index] ?? {};
  }

  /** Pods of the release on a node now. */
  podsOn(index: number): readonly WantedPod[] {
    return this.placed[index] ?? [];
  }

  put(index: number, { pod, amounts }: Demand): void {
    this.placed[index]?.push(pod);
    this.occupied.set(index, (this.occupied.get(index) ?? 0) + 1);
    this.take(index, amounts, 1);
  }

  /** Takes the newest pod off a node again. */
  undo(index: number, { amounts }: Demand): void {
    this.placed[index]?.pop();
    const left = (this.occupied.get(index) ?? 1) - 1;
    if (left === 0) this.occupied.delete(index);
    else this.occupied.set(index, left);
    this.take(index, amounts, -1);
  }

  /** Asks of every node why the pod cannot go there as things stand (undefined: it can). Good until the next put or undo. */
  judge(wanted: Demand): (index: number) => Refusal | undefined {
    const { pod, amounts } = wanted;
    const asked = Object.entries(amounts).filter(([, amount]) => amount > 0);
    const blocked = [...this.blocked(pod)];
    const fixed = this.fixedRefusals(pod);
    const near = this.near(pod);
    const spreads = this.spreads(pod);
    return (index) => {
      const room = this.rooms[index];
      const free = this.free[index];
      if (room === undefined || free === undefined) return { kind: "selector" };
      const refused = fixed[index];
      if (refused !== undefined) return refused;
      for (const [name, amount] of asked) if (amount > (free[name] ?? 0)) return { kind: "resource", name };
      for (const [key, values] of blocked) if (values.has(room.labels[key])) return { kind: "anti-affinity" };
      for (const { key, values } of near)
        if (room.labels[key] === undefined || (values !== "anywhere" && !values.has(room.labels[key]))) return { kind: "affinity" };
      for (const { key, allows } of spreads) if (!allows(room.labels[key])) return { kind: "spread", key };
      return undefined;
    };
  }

  private take(index: number, amounts: Amounts, sign: 1 | -1): void {
    const free = this.free[index];
    if (free === undefined) return;
    for (const [name, amount] of Object.entries(amounts)) free[name] = (free[name] ?? 0) - sign * amount;
  }

  /** What taints and selectors say for every node; the same for all pods of an owner. */
  private fixedRefusals(pod: WantedPod): readonly (Refusal | undefined)[] {
    const found = this.fixed.get(pod.owner) ?? this.rooms.map((room) => staticRefusal(room, pod));
    this.fixed.set(pod.owner, found);
    return found;
  }

  /** Nodes that hold pods which others look at. */
  private *neighbourhood(): Generator<readonly [Room, readonly WantedPod[]]> {
    for (const index of this.occupied.keys()) {
      const room = this.rooms[index];
      if (room !== undefined) yield [room, this.podsOn(index)];
    }
  }

  /** Values of a topology in which a pod that the selector picks runs. */
  private placesOf(key: string, selector: LabelSelector | undefined): Set<string | undefined> {
    const values = new Set<string | undefined>();
    for (const [room, pods] of this.neighbourhood()) {
      if (room.labels[key] === undefined || values.has(room.labels[key])) continue;
      if (room.present.some((labels) => selects(selector, labels)) || pods.some(({ labels }) => selects(selector, labels)))
        values.add(room.labels[key]);
    }
    return values;
  }

  /** Topology values closed to the pod: by its own anti-affinity, and by that of pods that are there. */
  private blocked(pod: WantedPod): ReadonlyMap<string, ReadonlySet<string | undefined>> {
    const closed = new Map<string, Set<string | undefined>>();
    const close = (key: string, values: Iterable<string | undefined>) => closed.set(key, new Set([...(closed.get(key) ?? []), ...values]));
    for (const term of antiTerms(pod)) close(term.topologyKey, this.placesOf(term.topologyKey, term.labelSelector));
    for (const [room, pods] of this.neighbourhood()) {
      for (const there of pods) {
        for (const { topologyKey, labelSelector } of antiTerms(there)) {
          const value = room.labels[topologyKey];
          if (value !== undefined && selects(labelSelector, pod.labels)) close(topologyKey, [value]);
        }
      }
    }
    return closed;
  }

  /** Where the pod's required affinity lets it go; the first of a group that wants to be together may go anywhere. */
  private near(pod: WantedPod): readonly { readonly key: string; readonly values: ReadonlySet<string | undefined> | "anywhere" }[] {
    return (pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ topologyKey: key, labelSelector }) => {
        const values = this.placesOf(key, labelSelector);
        return { key, values: values.size === 0 && selects(labelSelector, pod.labels) ? "anywhere" : values };
      },
    );
  }

  /** The spreads that must be kept, each with what it says about one more pod in a topology's value. */
  private spreads(pod: WantedPod): readonly { readonly key: string; readonly allows: (value: string | undefined) => boolean }[] {
    const kept = (pod.spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule");
    return kept.map(({ topologyKey: key, maxSkew, labelSelector }) => {
      const counts = new Map<string, number>([...this.domains(key, pod)].map((value) => [value, 0]));
      for (const [room, pods] of this.neighbourhood()) {
        const value = room.labels[key];
        if (value === undefined || !counts.has(value) || !fitsNode(room, pod)) continue;
        const here = [...room.present, ...pods.map(({ labels }) => labels)].filter((labels) => selects(labelSelector, labels)).length;
        counts.set(value, (counts.get(value) ?? 0) + here);
      }
      const fewest = counts.values().reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
      const self = selects(labelSelector, pod.labels) ? 1 : 0;
      return { key, allows: (value) => value !== undefined && (counts.get(value) ?? 0) + self - fewest <= maxSkew };
    });
  }

  /** Values of a topology on the nodes that the pod's own selectors admit; the same for all pods of an owner. */
  private domains(key: string, pod: WantedPod): ReadonlySet<string> {
    const cacheKey = `${pod.owner} ${key}`;
    const found =
      this.topologies.get(cacheKey) ?? new Set(this.rooms.filter((room) => fitsNode(room, pod)).flatMap(({ labels }) => labels[key] ?? []));
    this.topologies.set(cacheKey, found);
    return found;
  }
}

function antiTerms(pod: WantedPod) {
  return pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

function staticRefusal(room: Room, pod: WantedPod): Refusal | undefined {
  const taint = room.taints.find((one) => !tolerated(one, pod.spec.tolerations ?? []));
  if (taint !== undefined) return { kind: "taint", key: taint.key };
  return fitsNode(room, pod) ? undefined : { kind: "selector" };
}

function fitsNode(room: Room, { spec }: WantedPod): boolean {
  const labels = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => room.labels[key] === value);
  const affinity = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return labels && (affinity === undefined || selectsNode(affinity, room.name, room.labels));
}
