import { describe, expect, it } from "vitest";
import { type Fit, fit } from "../../../src/domain/capacity/fit.ts";
import { demand, Filling } from "../../../src/domain/capacity/placement.ts";
import { rooms } from "../../../src/domain/capacity/room.ts";
import type { WantedPod } from "../../../src/domain/capacity/wanted-pods.ts";
import type { NodeFact, PodUse } from "../../../src/domain/facts/node.ts";
import { held, idle, node, pod } from "./cluster.ts";
import { seeded, seedOfRun } from "./seeded.ts";

const never = () => false;
const place = (pods: readonly WantedPod[], nodes: readonly NodeFact[], use: PodUse = idle): Fit => fit(pods, rooms(nodes, use, never));
const refusedBecause = (result: Fit) =>
  result.kind === "short" ? result.unplaced.flatMap(({ refusals }) => refusals.map(({ refusal }) => refusal)) : [];

const apart = (key: string, app: string) => ({
  affinity: {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: key, labelSelector: { matchLabels: { app } } }] },
  },
});

describe("fit", () => {
  it("refuses a pod that no single node has room for, although the sum would do", () => {
    const result = place([pod("postgres", 0, "4", "8Gi")], [node("a", "3", "8Gi"), node("b", "3", "8Gi")]);
    expect(refusedBecause(result)).toEqual([{ kind: "resource", name: "cpu" }]);
  });

  it("counts what runs on each node already, and only there", () => {
    const pods = [pod("postgres", 0, "4", "8Gi")];
    const nodes = [node("a", "6", "16Gi"), node("b", "4", "16Gi")];
    const result = place(pods, nodes, held("a", "3", "1Gi"));
    expect(result.kind).toBe("fits");
    expect(result.placements.get("postgres-0")).toBe("b");
    expect(place(pods, nodes.slice(0, 1), held("a", "3", "1Gi")).kind).toBe("short");
  });

  it("gives the room of the release's own pods back", () => {
    const own = { name: "old", node: "a", labels: { "app.kubernetes.io/instance": "mine" }, requests: { cpu: "3", memory: "1Gi" } };
    const use = { ...held("a", "3", "1Gi"), namespace: [own] };
    const nodes = [node("a", "4", "16Gi")];
    expect(fit([pod("x", 0, "4", "1Gi")], rooms(nodes, use, never)).kind).toBe("short");
    expect(
      fit(
        [pod("x", 0, "4", "1Gi")],
        rooms(nodes, use, (labels) => labels["app.kubernetes.io/instance"] === "mine"),
      ).kind,
    ).toBe("fits");
  });

  it.each([
    ["cordoned", { unschedulable: true }, "node.kubernetes.io/unschedulable"],
    ["not ready", { conditions: { Ready: "False" } }, "node.kubernetes.io/not-ready"],
    ["silent", { conditions: { Ready: "Unknown" } }, "node.kubernetes.io/not-ready"],
    ["without any status", { conditions: {} }, "node.kubernetes.io/not-ready"],
    ["short of memory", { conditions: { Ready: "True", MemoryPressure: "True" } }, "node.kubernetes.io/memory-pressure"],
    ["tainted", { taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }] }, "gpu"],
  ])("puts nothing onto a node that is %s", (_, state, key) => {
    expect(refusedBecause(place([pod("x", 0, "1", "1Gi")], [node("a", "8", "16Gi", state)]))).toEqual([{ kind: "taint", key }]);
  });

  it("passes over taints that the pod tolerates or that only prefer", () => {
    const tainted = node("a", "8", "16Gi", {
      taints: [
        { key: "gpu", value: "yes", effect: "NoSchedule" },
        { key: "slow", value: "", effect: "PreferNoSchedule" },
      ],
    });
    expect(place([pod("x", 0, "1", "1Gi", { tolerations: [{ key: "gpu", operator: "Exists" }] })], [tainted]).kind).toBe("fits");
    expect(place([pod("x", 0, "1", "1Gi", { tolerations: [{ key: "gpu", value: "no" }] })], [tainted]).kind).toBe("short");
  });

  it("puts pods that must be apart onto different nodes", () => {
    const three = [0, 1, 2].map((index) => pod("redis", index, "100m", "1Gi", apart("kubernetes.io/hostname", "redis")));
    const nodes = ["a", "b", "c"].map((name) => node(name, "8", "16Gi"));
    expect(new Set(place(three, nodes).placements.values()).size).toBe(3);
    expect(refusedBecause(place(three, nodes.slice(0, 2)))).toContainEqual({ kind: "anti-affinity" });
  });

  it("keeps a pod away from one that refuses its kind, whichever comes first", () => {
    const hermit = pod("hermit", 0, "100m", "1Gi", apart("kubernetes.io/hostname", "other"));
    const other = pod("other", 0, "100m", "1Gi");
    for (const order of [
      [hermit, other],
      [other, hermit],
    ])
      expect(place(order, [node("a", "8", "16Gi")]).kind).toBe("short");
  });

  it("counts zones for pods that must be apart by zone", () => {
    const inZone = (name: string, zone: string) => node(name, "8", "16Gi", { labels: { "topology.kubernetes.io/zone": zone } });
    const two = [0, 1].map((index) => pod("redis", index, "100m", "1Gi", apart("topology.kubernetes.io/zone", "redis")));
    expect(place(two, [inZone("a", "1"), inZone("b", "1")]).kind).toBe("short");
    expect(place(two, [inZone("a", "1"), inZone("b", "2")]).kind).toBe("fits");
  });

  it("holds to a spread that must be kept, and not to one that is only wished", () => {
    const spread = (when: string) => ({
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: when, labelSelector: { matchLabels: { app: "x" } } },
      ],
    });
    const nodes = [node("a", "8", "16Gi"), node("b", "500m", "1Gi")];
    const pods = (when: string) => [0, 1, 2].map((index) => pod("x", index, "1", "1Gi", spread(when)));
    expect(refusedBecause(place(pods("DoNotSchedule"), nodes))).toContainEqual({ kind: "spread", key: "kubernetes.io/hostname" });
    expect(place(pods("ScheduleAnyway"), nodes).kind).toBe("fits");
  });

  it("follows node selectors and node affinity", () => {
    const arm = node("arm", "8", "16Gi", { labels: { "kubernetes.io/arch": "arm64" } });
    expect(refusedBecause(place([pod("x", 0, "1", "1Gi", { nodeSelector: { "kubernetes.io/arch": "amd64" } })], [arm]))).toEqual([
      { kind: "selector" },
    ]);
    const notArm = {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/arch", operator: "NotIn", values: ["arm64"] }] }],
          },
        },
      },
    };
    expect(place([pod("x", 0, "1", "1Gi", notArm)], [arm, node("amd", "8", "16Gi")]).placements.get("x-0")).toBe("amd");
  });

  it("stops at a node's pod slots", () => {
    const crowded = node("a", "8", "16Gi", { allocatable: { cpu: "8", memory: "16Gi", pods: "3" } });
    const pods = [0, 1].map((index) => pod("x", index, "10m", "1Mi"));
    expect(refusedBecause(place(pods, [crowded], held("a", "0", "0", 2)))).toEqual([{ kind: "resource", name: "pods" }]);
  });

  it("says so when only a tight packing works, which the scheduler would not find", () => {
    // Spread evenly, the four small ones leave 3 CPU on each node, and the large one has no place.
    const pods = [...[0, 1, 2, 3].map((index) => pod("small", index, "1", "1Gi")), pod("large", 0, "4", "1Gi")];
    expect(place(pods, [node("a", "4", "16Gi"), node("b", "4", "16Gi")]).kind).toBe("tight");
  });

  it("goes back where largest-first alone would get stuck", () => {
    const nodes = [node("a", "10", "100Gi"), node("b", "10", "100Gi")];
    const pods = ["6", "5", "5", "4"].map((cpu, index) => pod(`p${index}`, 0, cpu, "1Gi"));
    expect(place(pods, nodes).kind).not.toBe("short");
  });

  it("needs room for a Job only beside the others, not for all Jobs at once", () => {
    const job = (name: string, cpu: string) => pod(name, 0, cpu, "1Gi", {}, "passing");
    const steady = pod("x", 0, "3", "1Gi");
    expect(place([steady, job("migrations", "1"), job("backup", "1")], [node("a", "4", "16Gi")]).kind).toBe("fits");
    expect(place([steady, job("migrations", "2")], [node("a", "4", "16Gi")]).kind).toBe("short");
  });

  it("never overfills a node and never contradicts itself, on clusters made at random", () => {
    const seed = seedOfRun();
    const random = seeded(seed);
    const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
    for (let round = 0; round < 300; round += 1) {
      const nodes = Array.from({ length: between(1, 5) }, (_, index) => node(`n${index}`, String(between(1, 8)), `${between(1, 16)}Gi`));
      const pods = Array.from({ length: between(1, 10) }, (_, index) =>
        pod(
          `p${index}`,
          0,
          `${between(100, 4000)}m`,
          `${between(128, 6000)}Mi`,
          random() < 0.3 ? apart("kubernetes.io/hostname", `p${index - 1}`) : {},
        ),
      );
      const free = rooms(nodes, idle, never);
      const result = fit(pods, free);
      const filling = new Filling(free);
      for (const one of pods) {
        const index = nodes.findIndex(({ name }) => name === result.placements.get(one.name));
        if (index < 0) continue;
        expect(filling.judge(demand(one))(index), `seed ${seed}, round ${round}`).toBeUndefined();
        filling.put(index, demand(one));
      }
      if (result.kind !== "short") expect(result.placements.size, `seed ${seed}, round ${round}`).toBe(pods.length);
      else expect(bruteForce(pods, free), `seed ${seed}, round ${round}`).toBe(false);
    }
  });

  it("places 100 pods on 5,000 nodes in little processor time", () => {
    const nodes = Array.from({ length: 5000 }, (_, index) => node(`n${index}`, "8", "32Gi"));
    const pods = Array.from({ length: 100 }, (_, index) =>
      pod(`d${index % 14}`, index, "1", "2Gi", apart("kubernetes.io/hostname", `d${index % 14}`)),
    );
    const free = rooms(nodes, idle, never);
    const begun = process.cpuUsage();
    expect(fit(pods, free).kind).toBe("fits");
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(1500);
  });
});

/** Tries every placement there is; only for small cases. */
function bruteForce(pods: readonly WantedPod[], free: ReturnType<typeof rooms>): boolean {
  const filling = new Filling(free);
  let steps = 0;
  const go = (position: number): boolean => {
    const one = pods[position];
    if (one === undefined) return true;
    const wanted = demand(one);
    return free.some((_, index) => {
      if ((steps += 1) > 200_000 || filling.judge(wanted)(index) !== undefined) return false;
      filling.put(index, wanted);
      if (go(position + 1)) return true;
      filling.undo(index, wanted);
      return false;
    });
  };
  return go(0);
}
