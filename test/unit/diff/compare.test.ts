import { describe, expect, it } from "vitest";
import { changedFields, departures, type FieldChange } from "../../../src/domain/diff/compare.ts";
import { type FieldPath, formatPath } from "../../../src/domain/diff/field-path.ts";
import { keyedItems } from "../../../src/domain/diff/list-items.ts";
import { seeded, seedOfRun } from "../capacity/seeded.ts";
import { applyChanges } from "./apply-changes.ts";

const told = (changes: readonly FieldChange[]) => changes.map(({ kind, path }) => `${kind} ${formatPath(path)}`);
const pod = (spec: object) => ({ spec: { template: { spec } } });
const backend = (more: object = {}) => ({ name: "backend", image: "r.example/backend:1", ...more });

describe("what turns one object into another", () => {
  it("is told field by field, items of pods by the keys that Kubernetes merges them by", () => {
    const before = pod({
      containers: [backend({ env: [{ name: "A", value: "1" }], ports: [{ containerPort: 80 }] }), { name: "side" }],
      volumes: [{ name: "data", emptyDir: {} }],
      tolerations: [{ key: "a" }],
    });
    const after = pod({
      containers: [
        backend({
          image: "r.example/backend:2",
          env: [
            { name: "B", value: "" },
            { name: "A", value: "2" },
          ],
          ports: [{ containerPort: 80, protocol: "TCP", name: "http" }],
        }),
      ],
      volumes: [{ name: "data", emptyDir: { sizeLimit: "1Gi" } }],
      tolerations: [{ key: "b" }],
    });
    expect(told(changedFields(before, after))).toEqual([
      "changed spec.template.spec.containers[backend].image",
      "changed spec.template.spec.containers[backend].env[A].value",
      "added spec.template.spec.containers[backend].env[B]",
      "added spec.template.spec.containers[backend].ports[80/TCP].protocol",
      "added spec.template.spec.containers[backend].ports[80/TCP].name",
      "removed spec.template.spec.containers[side]",
      "added spec.template.spec.volumes[data].emptyDir.sizeLimit",
      "changed spec.template.spec.tolerations[0].key",
    ]);
  });

  it("is nothing where a quantity is written otherwise, and something where text becomes a number", () => {
    const limits = (cpu: unknown, memory: unknown) => pod({ containers: [backend({ resources: { limits: { cpu, memory } } })] });
    expect(changedFields(limits("1000m", "1024Mi"), limits(1, "1Gi"))).toEqual([]);
    expect(told(changedFields(limits("1000m", "1Gi"), limits("1001m", "1G")))).toHaveLength(2);
    expect(told(changedFields({ spec: { port: "80" } }, { spec: { port: 80 } }))).toEqual(["changed spec.port"]);
  });

  it("tells that items only changed places", () => {
    const order = (...names: readonly string[]) => pod({ initContainers: names.map((name) => ({ name })) });
    expect(changedFields(order("a", "b", "c"), order("c", "a", "x"))).toMatchObject([
      { kind: "removed" },
      { kind: "added" },
      { kind: "reordered", before: ["a", "c"], after: ["c", "a"] },
    ]);
    expect(told(changedFields(order("a", "b"), order("x", "a", "b")))).toEqual(["added spec.template.spec.initContainers[x]"]);
  });

  it("goes by the index where keys are missing or not distinct", () => {
    const env = (...values: readonly string[]) => pod({ containers: [backend({ env: values.map((value) => ({ name: "A", value })) })] });
    expect(told(changedFields(env("1", "2"), env("1", "3")))).toEqual(["changed spec.template.spec.containers[backend].env[1].value"]);
  });

  it("makes of the old object the new one, whatever they are", () => {
    const seed = seedOfRun();
    const random = seeded(seed);
    for (let round = 0; round < 400; round += 1) {
      const [before, after] = [made(random, 0), made(random, 0)];
      const changes = changedFields(before, after);
      expect(sorted([], applyChanges(before, changes)), `seed ${seed}, round ${round}`).toEqual(sorted([], after));
      expect(changedFields(after, after), `seed ${seed}, round ${round}`).toEqual([]);
      expect(changedFields(before, applyChanges(before, changes)).length, `seed ${seed}, round ${round}`).toBe(changes.length);
    }
  });
});

describe("what a live object departs in from its manifest", () => {
  const departed = (manifest: object, live: object, builtIn = true) => told(departures(manifest, live, builtIn));

  it("is nothing that the manifest does not name", () => {
    const live = {
      spec: { replicas: 2, progressDeadlineSeconds: 600, template: { spec: { containers: [backend(), { name: "injected" }] } } },
    };
    expect(departed({ spec: { replicas: 2, template: { spec: { containers: [backend()] } } } }, live)).toEqual([]);
  });

  it("is nothing that the API server leaves out, but what means something else when it is not there", () => {
    const manifest = {
      metadata: { labels: {} },
      spec: { hostNetwork: false, env: [], minReadySeconds: 0, automountServiceAccountToken: false },
    };
    expect(departed(manifest, { metadata: {}, spec: {} })).toEqual(["removed spec.automountServiceAccountToken"]);
    expect(departed({ spec: { paused: false } }, { spec: {} }, false)).toEqual(["removed spec.paused"]);
    expect(departed({ data: { empty: "" } }, { data: {} })).toEqual(["removed data.empty"]);
    expect(departed({ spec: { volumes: [{ name: "x", emptyDir: {} }] } }, { spec: { volumes: [{ name: "x" }] } })).toHaveLength(1);
  });

  it("is an item too many only in a list that is taken as a whole", () => {
    expect(departed({ spec: { args: ["a"] } }, { spec: { args: ["a", "b"] } })).toEqual(["added spec.args[1]"]);
    expect(departed({ spec: { finalizers: ["a"] } }, { spec: { finalizers: ["b", "a"] } })).toEqual([]);
  });

  it("is no other order of ports, metrics or containers", () => {
    const ports = [{ port: 80, name: "http" }, { port: 443 }];
    expect(departed({ spec: { ports } }, { spec: { ports: ports.toReversed().map((port) => ({ ...port, protocol: "TCP" })) } })).toEqual(
      [],
    );
    const metrics = ["cpu", "memory"].map((name) => ({ type: "Resource", resource: { name } }));
    expect(departed({ spec: { metrics } }, { spec: { metrics: metrics.toReversed() } })).toEqual([]);
  });
});

/** A tree like those of manifests: mappings, lists with and without merge keys, and scalars. */
function made(random: () => number, depth: number): unknown {
  const pick = <T>(...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const some = (names: readonly string[]) => names.filter(() => random() < 0.6).toSorted(() => random() - 0.5);
  const scalar = () => pick<unknown>("a", "b", 1, 2, true, false, "80", 80, "1000m", "");
  const value = (): unknown => {
    const shape = depth > 3 ? 0 : Math.floor(random() * 4);
    if (shape === 1) return made(random, depth + 1);
    if (shape === 2) return Array.from({ length: Math.floor(random() * 4) }, () => pick(scalar(), made(random, depth + 1)));
    return scalar();
  };
  const named = () => some(["x", "y", "z"]).map((name) => ({ name, more: value() }));
  const members: Readonly<Record<string, () => unknown>> = {
    spec: value,
    env: named,
    containers: named,
    args: value,
    limits: () => ({ cpu: pick("1", "2", "500m") }),
    "helm.sh/chart": scalar,
  };
  return Object.fromEntries(some(Object.keys(members)).map((key) => [key, members[key]?.()]));
}

/** The tree with lists that have merge keys in the order of these: where new items stand in them is not told. */
function sorted(path: FieldPath, node: unknown): unknown {
  if (Array.isArray(node)) {
    const items = keyedItems(path, node);
    if (items === undefined) return node.map((item, index) => sorted([...path, index], item));
    return [...items].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([item, value]) => sorted([...path, { item }], value));
  }
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, sorted([...path, key], value)]));
}
