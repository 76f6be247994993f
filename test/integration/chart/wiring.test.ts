import { describe, expect, test } from "vitest";
import { z } from "zod";
import { workload, workloads } from "./pods.ts";
import { everything, type KubernetesObject, objects, profiles } from "./render.ts";
import { selectorSchema, selects } from "./selectors.ts";

/** Secrets that mode existing expects in the namespace, with their keys (docs/reference/image-contract.md). */
const contract: Readonly<Record<string, readonly string[]>> = {
  "postgres-credentials": [
    "postgres-password",
    "app-password",
    "replication-password",
    "pgbouncer-password",
    "monitoring-password",
    "backup-password",
  ],
  "redis-credentials": ["redis-password"],
  "app-secrets": ["secret-key", "jwt-secret"],
  "llm-credentials": ["api-key"],
  "backup-encryption": ["cipher-key"],
};

const serviceSchema = z.looseObject({
  spec: z.looseObject({
    selector: z.record(z.string(), z.string()),
    ports: z.array(z.looseObject({ targetPort: z.union([z.string(), z.number()]) })),
  }),
});
const dataSchema = z.looseObject({ data: z.record(z.string(), z.string()).default({}) });

const ofKind = (all: readonly KubernetesObject[], kind: string) => all.filter((object) => object.kind === kind);
const names = (all: readonly KubernetesObject[], kind: string) => ofKind(all, kind).map(({ metadata }) => metadata.name);

describe.each([...profiles.map((profile) => [profile, { values: { profile } }] as const), ["everything", everything] as const])(
  "%s",
  (_, rendering) => {
    test("every Service selects the pods of one workload and a port they have", () => {
      for (const object of ofKind(objects(rendering), "Service")) {
        const { spec } = serviceSchema.parse(object);
        const matched = workloads(objects(rendering)).filter(({ template }) =>
          selects(selectorSchema.parse({ matchLabels: spec.selector }), template.metadata.labels),
        );
        expect(
          matched.map(({ name }) => name),
          `pods of Service ${object.metadata.name}`,
        ).toHaveLength(1);
        const open = matched.flatMap(({ template }) => template.spec.containers.flatMap(({ ports }) => ports));
        for (const { targetPort } of spec.ports) {
          expect(
            open.some((port) => port.name === targetPort || port.containerPort === targetPort),
            `${object.metadata.name} ${targetPort}`,
          ).toBe(true);
        }
      }
    });

    test("every ConfigMap, with the keys that are mounted, is rendered", () => {
      const maps = new Map(
        ofKind(objects(rendering), "ConfigMap").map((map) => [map.metadata.name, Object.keys(dataSchema.parse(map).data)]),
      );
      const missing = workloads(objects(rendering)).flatMap(({ name, template }) =>
        template.spec.volumes.flatMap(({ configMap }) => {
          if (configMap === undefined) return [];
          const keys = maps.get(configMap.name);
          if (keys === undefined) return [`${name}: ${configMap.name}`];
          return configMap.items.filter(({ key }) => !keys.includes(key)).map(({ key }) => `${name}: ${configMap.name}/${key}`);
        }),
      );
      expect(missing).toEqual([]);
    });

    test("every Secret and key that is mounted is one of the contract's", () => {
      const missing = workloads(objects(rendering)).flatMap(({ name, template }) =>
        template.spec.volumes.flatMap(({ secret }) => {
          if (secret === undefined) return [];
          expect(secret.items.length, `${name} mounts all of ${secret.secretName}`).toBeGreaterThan(0);
          return secret.items
            .filter(({ key }) => !contract[secret.secretName]?.includes(key))
            .map(({ key }) => `${name}: ${secret.secretName}/${key}`);
        }),
      );
      expect(missing).toEqual([]);
    });

    test("every mount has its volume or claim, and every volume a mount", () => {
      for (const { name, template, claims } of workloads(objects(rendering))) {
        const mounted = new Set(template.spec.containers.flatMap(({ volumeMounts }) => volumeMounts.map((mount) => mount.name)));
        const there = new Set([...template.spec.volumes.map((volume) => volume.name), ...claims]);
        expect([...mounted].sort(), name).toEqual([...there].sort());
      }
    });

    test("every claim that a pod names is rendered, and kept on uninstall", () => {
      const kept = ofKind(objects(rendering), "PersistentVolumeClaim").filter(
        ({ metadata }) => metadata.annotations["helm.sh/resource-policy"] === "keep",
      );
      const named = workloads(objects(rendering)).flatMap(({ template }) =>
        template.spec.volumes.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []),
      );
      expect([...new Set(named)].sort()).toEqual(kept.map(({ metadata }) => metadata.name).sort());
    });

    test("every budget and autoscaler points at a workload", () => {
      const all = objects(rendering);
      const known = new Set(workloads(all).map(({ name }) => name));
      for (const kind of ["PodDisruptionBudget", "HorizontalPodAutoscaler"]) {
        expect(
          names(all, kind).filter((name) => !known.has(name)),
          kind,
        ).toEqual([]);
      }
    });

    test("no two objects have the same kind and name", () => {
      const ids = objects(rendering).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    });

    test("every object carries the standard labels", () => {
      const standard = ["name", "instance", "component", "part-of", "version", "managed-by"].map((label) => `app.kubernetes.io/${label}`);
      const without = objects(rendering).filter(({ metadata }) => !standard.every((label) => metadata.labels[label] !== undefined));
      expect(without.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([]);
    });
  },
);

test("only the primary of Postgres is given all passwords", () => {
  const keys = (name: string) =>
    workload(objects({ values: { profile: "standard" } }), name).template.spec.volumes.flatMap(({ secret }) =>
      secret?.secretName === "postgres-credentials" ? secret.items.map(({ key }) => key) : [],
    );
  expect(keys("backend")).toEqual(["app-password"]);
  expect(keys("pgbouncer")).toEqual(["pgbouncer-password"]);
  expect(keys("backup-full")).toEqual(["backup-password"]);
  expect(keys("backup-drill")).toEqual(["backup-password"]);
  expect(keys("postgres-replica").sort()).toEqual(["monitoring-password", "monitoring-password", "replication-password"]);
  expect(keys("frontend")).toEqual([]);
});

test("the Services are those of the contract", () => {
  expect(names(objects({ values: { profile: "standard" } }), "Service").sort()).toEqual(
    [
      "backend",
      "frontend",
      "mcp-assessment-tools",
      "pgbouncer",
      "postgres",
      "postgres-read",
      "redis",
      "redis-headless",
      "state-manager",
    ].sort(),
  );
});

test("a change of the migrations' pod gives the Job another name, an equal one keeps it", () => {
  const name = (tag: string) => names(objects({ values: { "images.backend.tag": tag } }), "Job")[0];
  expect(name("1.0.0")).toMatch(/^migrations-[0-9a-f]{8}$/);
  expect(name("1.0.1")).not.toBe(name("1.0.0"));
  expect(names(objects({ values: { "images.backend.tag": "1.0.0", "frontend.environment": "staging" } }), "Job")[0]).toBe(name("1.0.0"));
});

test("nothing is a Helm hook, and no Job cleans itself up", () => {
  const text = JSON.stringify(objects({ values: { profile: "standard" } }));
  expect(text).not.toContain("helm.sh/hook");
  expect(text).not.toContain("ttlSecondsAfterFinished");
});

test("a changed setting restarts the component that reads it and no other", () => {
  const annotations = (values: Record<string, string | number>, name: string) =>
    workload(objects({ values: { profile: "standard", ...values } }), name).template.metadata.annotations;
  const changed = { "postgres.settings.log_min_duration_statement": 500 };
  expect(annotations(changed, "postgres")).not.toEqual(annotations({}, "postgres"));
  expect(annotations(changed, "redis")).toEqual(annotations({}, "redis"));
  expect(annotations(changed, "backend")).toEqual(annotations({}, "backend"));
  expect(annotations({ "tenants[0].id": "acme" }, "backend")).not.toEqual(annotations({}, "backend"));
});
