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

  /** The reason why the pod cannot go onto the node as things stand, or undefined when it can. */
  refusal(index: number, wanted: Demand): Refusal | undefined {
    const room = this.rooms[index];
    if (room === undefined) return { kind: "selector" };
    return staticRefusal(room, wanted.pod) ?? this.shortage(index, wanted.amounts) ?? this.neighbours(room, wanted.pod) ?? this.skew(room, wanted.pod);
  }

  private take(index: number, amounts: Amounts, sign: 1 | -1): void {
    const free = this.free[index];
    if (free === undefined) return;
    for (const [name, amount] of Object.entries(amounts)) free[name] = (free[name] ?? 0) - sign * amount;
  }

  private shortage(index: number, amounts: Amounts): Refusal | undefined {
    const free = this.freeOn(index);
    for (const name in amounts) {
      const amount = amounts[name] ?? 0;
      if (amount > 0 && amount > (free[name] ?? 0)) return { kind: "resource", name };
    }
    return undefined;
  }

  /** Nodes that hold pods which others look at. */
  private *neighbourhood(): Generator<readonly [Room, readonly WantedPod[]]> {
    for (const index of this.occupied.keys()) {
      const room = this.rooms[index];
      if (room !== undefined) yield [room, this.podsOn(index)];
    }
  }

  /** Labels of all the release's and namespace's pods on nodes that share the topology's value with this one. */
  private *labelsNear(room: Room, key: string): Generator<Readonly<Record<string, string>>> {
    for (const [other, pods] of this.neighbourhood()) {
      if (other.labels[key] === undefined || other.labels[key] !== room.labels[key]) continue;
      yield* other.present;
      for (const pod of pods) yield pod.labels;
    }
  }

  private neighbours(room: Room, pod: WantedPod): Refusal | undefined {
    for (const term of antiTerms(pod)) {
      for (const labels of this.labelsNear(room, term.topologyKey)) if (selects(term.labelSelector, labels)) return { kind: "anti-affinity" };
    }
    for (const [other, pods] of this.neighbourhood()) {
      for (const there of pods) {
        const repels = antiTerms(there).some((term) => {
          const value = other.labels[term.topologyKey];
          return value !== undefined && value === room.labels[term.topologyKey] && selects(term.labelSelector, pod.labels);
        });
        if (repels) return { kind: "anti-affinity" };
      }
    }
    for (const term of pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
      if (room.labels[term.topologyKey] === undefined) return { kind: "affinity" };
      const near = [...this.labelsNear(room, term.topologyKey)].some((labels) => selects(term.labelSelector, labels));
      if (!near && !(selects(term.labelSelector, pod.labels) && !this.anywhere(term.labelSelector))) return { kind: "affinity" };
    }
    return undefined;
  }

  /** The first pod of a group that wants to be together may go anywhere. */
  private anywhere(selector: LabelSelector | undefined): boolean {
    for (const [room, pods] of this.neighbourhood()) {
      if (room.present.some((labels) => selects(selector, labels)) || pods.some(({ labels }) => selects(selector, labels))) return true;
    }
    return false;
  }

  private skew(room: Room, pod: WantedPod): Refusal | undefined {
    for (const { topologyKey, maxSkew, whenUnsatisfiable, labelSelector } of pod.spec.topologySpreadConstraints ?? []) {
      if (whenUnsatisfiable !== "DoNotSchedule") continue;
      const own = room.labels[topologyKey];
      if (own === undefined) return { kind: "spread", key: topologyKey };
      const counts = new Map([...this.domains(topologyKey, pod)].map((value) => [value, 0]));
      for (const [other, pods] of this.neighbourhood()) {
        const value = other.labels[topologyKey];
        if (value === undefined || !counts.has(value) || !fitsNode(other, pod)) continue;
        const here = [...other.present, ...pods.map(({ labels }) => labels)].filter((labels) => selects(labelSelector, labels)).length;
        counts.set(value, (counts.get(value) ?? 0) + here);
      }
      const self = selects(labelSelector, pod.labels) ? 1 : 0;
      if ((counts.get(own) ?? 0) + self - counts.values().reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) > maxSkew) return { kind: "spread", key: topologyKey };
    }
    return undefined;
  }

  /** Values of a topology on the nodes that the pod's own selectors admit; the same for all pods of an owner. */
  private domains(key: string, pod: WantedPod): ReadonlySet<string> {
    const cacheKey = `${pod.owner} ${key}`;
    const found = this.topologies.get(cacheKey) ?? new Set(this.rooms.filter((room) => fitsNode(room, pod)).flatMap(({ labels }) => labels[key] ?? []));
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
