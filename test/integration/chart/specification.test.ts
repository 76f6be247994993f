import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Container, type Workload, workload, workloads } from "./pods.ts";
import { everything, type KubernetesObject, objects, registry } from "./render.ts";
import { type ComponentRow, componentRows } from "./specification.ts";

const sized = ["small", "standard", "large"] as const;
type Sized = (typeof sized)[number];

const probeSchema = z.looseObject({
  httpGet: z.looseObject({ path: z.string(), port: z.union([z.string(), z.number()]) }).optional(),
  exec: z.looseObject({ command: z.array(z.string()) }).optional(),
  tcpSocket: z.looseObject({ port: z.union([z.string(), z.number()]) }).optional(),
  periodSeconds: z.number(),
  failureThreshold: z.number().default(3),
});
const scalerSchema = z.looseObject({
  spec: z.looseObject({
    scaleTargetRef: z.looseObject({ kind: z.string(), name: z.string() }),
    minReplicas: z.number(),
    maxReplicas: z.number(),
    metrics: z.array(
      z.looseObject({ resource: z.looseObject({ name: z.string(), target: z.looseObject({ averageUtilization: z.number() }) }) }),
    ),
  }),
});
const replicasSchema = z.looseObject({ spec: z.looseObject({ replicas: z.number() }) });
const budgetSchema = z.looseObject({
  spec: z.strictObject({ minAvailable: z.number().optional(), maxUnavailable: z.number().optional(), selector: z.unknown() }),
});

const render = (profile: Sized, values: Record<string, boolean | string> = {}) =>
  // The agent pool is optional, and its row is the same wherever it runs.
  objects({ values: { profile, "agentPool.enabled": true, ...values } });

const named = (all: readonly KubernetesObject[], kind: string, name: string) =>
  all.find((object) => object.kind === kind && object.metadata.name === name);

function mainContainer(one: Workload, { container }: ComponentRow): Container {
  const found = one.template.spec.containers.find(({ name }) => name === container);
  if (found === undefined) throw new Error(`${one.name} has no container ${container}`);
  return found;
}

/** How a probe asks, as the specification's table writes it. */
function asks(probe: unknown): string {
  const { httpGet, exec, tcpSocket } = probeSchema.parse(probe);
  return httpGet?.path ?? exec?.command.join(" ") ?? String(tcpSocket?.port);
}

describe.each(sized)("in profile %s", (profile) => {
  const rows = componentRows.filter((row) => row.replicas[profile][1] > 0);

  test("the long-lived workloads are those of the specification and no others", () => {
    const lasting = workloads(render(profile)).filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
    expect(lasting.map(({ name }) => name).sort()).toEqual(rows.map(({ name }) => name).sort());
  });

  describe.each(rows)("$name", (row) => {
    const one = workload(render(profile), row.name);
    const container = mainContainer(one, row);

    test(`is a ${row.kind} of ${row.image} as user ${row.user}`, () => {
      expect(one.kind).toBe(row.kind);
      expect(container.image.startsWith(`${registry}/${row.image}:`)).toBe(true);
      expect(one.template.spec.securityContext).toMatchObject({ runAsUser: row.user, fsGroup: row.user });
      expect(container["command"] ?? container["args"]).toEqual(row.runs);
    });

    test("listens, is probed and ends as specified", () => {
      expect(Object.fromEntries(container.ports.map((port) => [port.name, port.containerPort]))).toEqual(row.ports);
      const { startupProbe, livenessProbe, readinessProbe } = container;
      expect({ start: asks(startupProbe), live: asks(livenessProbe), ready: asks(readinessProbe) }).toEqual(row.probes);
      expect(one.template.spec["terminationGracePeriodSeconds"]).toBe(row.grace);
    });

    test("has the specified pods, and the autoscaler that owns their number", () => {
      const [least, most] = row.replicas[profile];
      const scaler = named(render(profile), "HorizontalPodAutoscaler", row.name);
      if (row.scaledBy === undefined) {
        expect(scaler).toBeUndefined();
        expect(replicasSchema.parse(one.object).spec.replicas).toBe(least);
        return;
      }
      const { spec } = scalerSchema.parse(scaler);
      expect(one.object["spec"]).not.toHaveProperty("replicas");
      expect(spec.scaleTargetRef).toMatchObject({ kind: row.kind, name: row.name });
      expect([spec.minReplicas, spec.maxReplicas]).toEqual([least, most]);
      expect(Object.fromEntries(spec.metrics.map(({ resource }) => [resource.name, resource.target.averageUtilization]))).toEqual(
        row.scaledBy,
      );
    });

    test("has a budget when it has two pods, and none that would block the drain of its only pod", () => {
      const budget = named(render(profile), "PodDisruptionBudget", row.name);
      if (row.replicas[profile][0] < 2) expect(budget).toBeUndefined();
      else {
        const { selector: _, ...limits } = budgetSchema.parse(budget).spec;
        expect(limits).toEqual(row.budget);
      }
    });
  });

  test.each(rows.filter(({ resources }) => resources !== undefined))("$name requests and is limited to what is specified", (row) => {
    const [cpu, memory, cpuLimit, memoryLimit] = row.resources ?? [];
    expect(mainContainer(workload(render(profile), row.name), row).resources).toEqual({
      requests: { cpu, memory },
      limits: { cpu: cpuLimit, memory: memoryLimit },
    });
  });
});

describe("the databases' resources grow with the profile, from the specification's request to its limit", () => {
  const resources = (profile: Sized, name: string) => workload(render(profile), name).template.spec.containers[0]?.resources;

  test("Postgres", () => {
    expect(resources("small", "postgres")?.requests).toEqual({ cpu: "1", memory: "4Gi" });
    expect(resources("standard", "postgres")).toEqual({ requests: { cpu: "2", memory: "8Gi" }, limits: { cpu: "4", memory: "16Gi" } });
    expect(resources("large", "postgres")).toEqual({ requests: { cpu: "4", memory: "16Gi" }, limits: { cpu: "4", memory: "16Gi" } });
  });

  test("its replicas", () => {
    const asked = workload(objects({ values: { "postgresReplica.replicas": 1 } }), "postgres-replica").template.spec.containers[0]
      ?.resources;
    expect(asked).toEqual({ requests: { cpu: "500m", memory: "2Gi" }, limits: { cpu: "2", memory: "8Gi" } });
    expect(resources("large", "postgres-replica")?.limits).toEqual({ cpu: "2", memory: "8Gi" });
  });
});

describe("a backend's update", () => {
  const backend = workload(render("standard"), "backend");

  test("adds a pod before it takes one away", () => {
    expect(backend.object["spec"]).toMatchObject({ strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
  });

  test("gives a start thirty tries of ten seconds", () => {
    expect(probeSchema.parse(backend.template.spec.containers[0]?.startupProbe)).toMatchObject({ periodSeconds: 10, failureThreshold: 30 });
  });
});

test("migrations are one Job of the backend's image, with 200m and 512Mi", () => {
  const jobs = workloads(render("standard")).filter(({ kind }) => kind === "Job");
  expect(jobs.map(({ component }) => component)).toEqual(["migrations"]);
  expect(jobs[0]?.template.spec.containers[0]).toMatchObject({
    image: `${registry}/migrate-platform/backend:1.0.0`,
    command: ["python3", "-m", "app.migrate"],
    resources: { requests: { cpu: "200m", memory: "512Mi" } },
  });
});

test("migrations stop where they are told to, in a Job of another name", () => {
  const job = (values = {}) => workloads(render("standard", values)).find(({ kind }) => kind === "Job");
  const [whole, part] = [job(), job({ "migrations.to": "0003" })];
  expect(whole?.template.spec.containers[0]).not.toHaveProperty("args");
  expect(part?.template.spec.containers[0]).toMatchObject({ args: ["--to", "0003"] });
  expect(part?.name).not.toBe(whole?.name);
});

test("the agent pool is told what it is and has its scratch volumes", () => {
  const { template } = workload(render("standard"), "agent-pool");
  expect(template.spec.containers[0]?.env).toEqual(
    expect.arrayContaining([
      { name: "AGENT_POOL_MODE", value: "true" },
      { name: "MAX_CONCURRENT_CREWS", value: "2" },
      { name: "WORKER_QUEUES", value: "default,discovery,assessment,analysis" },
      { name: "WORKER_CONCURRENCY", value: "2" },
    ]),
  );
  expect(template.spec.volumes).toEqual(
    expect.arrayContaining([
      { name: "workspace", emptyDir: { sizeLimit: "1Gi" } },
      { name: "cache", emptyDir: { sizeLimit: "500Mi" } },
    ]),
  );
});

test("the agent pool goes to nodes for AI work where there are some, and to no others when a person says so", () => {
  const { template } = workload(render("standard"), "agent-pool");
  expect(template.spec["affinity"]).toEqual({
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, preference: { matchExpressions: [{ key: "workload-class", operator: "In", values: ["ai-compute"] }] } },
      ],
    },
  });
  expect(template.spec["tolerations"]).toEqual([{ key: "workload-class", operator: "Equal", value: "ai-compute" }]);
  expect(template.spec["nodeSelector"]).toBeUndefined();
  const must = objects({ values: { profile: "standard", "agentPool.nodeSelector.workload-class": "ai-compute" } });
  expect(workload(must, "agent-pool").template.spec["nodeSelector"]).toEqual({ "workload-class": "ai-compute" });
  expect(workload(render("standard"), "worker").template.spec["tolerations"]).toBeUndefined();
});

test("the exporter stands beside the primary and each replica with its own queries", () => {
  for (const name of ["postgres", "postgres-replica"]) {
    const exporter = workload(render("standard"), name).template.spec.containers.find((one) => one.name === "postgres-exporter");
    expect(exporter).toMatchObject({
      ports: [{ name: "metrics", containerPort: 9187 }],
      resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "200m", memory: "256Mi" } },
    });
  }
  const queries = JSON.stringify(named(render("standard"), "ConfigMap", "postgres-exporter-queries"));
  expect(queries).toContain("like '%embedding%'");
  expect(queries).toContain("<=>|<->|<#>");
});

test("three Redis pods each have a Sentinel on 26379", () => {
  const sentinel = workload(render("standard"), "redis").template.spec.containers.find((one) => one.name === "sentinel");
  expect(sentinel).toMatchObject({ args: ["sentinel"], ports: [{ name: "sentinel", containerPort: 26379 }] });
});

test("backups run weekly in full and daily in between, a restore drill weekly, and ask for no more than the Job that asks needs", () => {
  const crons = render("standard").filter(({ kind, metadata }) => kind === "CronJob" && metadata.name.startsWith("backup"));
  expect(
    crons.map(({ metadata, ["spec"]: spec }) => [metadata.name, z.looseObject({ schedule: z.string() }).parse(spec).schedule]),
  ).toEqual([
    ["backup-drill", "0 4 * * 3"],
    ["backup-full", "0 2 * * 0"],
    ["backup-incremental", "0 2 * * 1-6"],
  ]);
  const agent = workload(render("standard"), "postgres").template.spec.containers.find((one) => one.name === "backup-agent");
  expect(agent?.resources.requests).toEqual({ cpu: "200m", memory: "512Mi" });
});

test("the restore drill runs beside the primary, on a volume that goes with it, and may only read the repository", () => {
  const { template } = workload(objects({ values: { profile: "standard", storageClass: "fast" } }), "backup-drill");
  const [container] = template.spec.containers;
  expect(container).toMatchObject({ args: ["drill"], resources: { requests: { cpu: "100m", memory: "128Mi" } } });
  expect(container?.volumeMounts.find(({ mountPath }) => mountPath === "/var/lib/pgbackrest")).toMatchObject({ readOnly: true });
  expect(template.spec).toMatchObject({
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            topologyKey: "kubernetes.io/hostname",
            labelSelector: { matchLabels: { "app.kubernetes.io/instance": "platform", "app.kubernetes.io/component": "postgres" } },
          },
        ],
      },
    },
    volumes: expect.arrayContaining([
      expect.objectContaining({
        name: "data",
        ephemeral: {
          volumeClaimTemplate: {
            spec: { accessModes: ["ReadWriteOnce"], storageClassName: "fast", resources: { requests: { storage: "200Gi" } } },
          },
        },
      }),
    ]),
  });
  expect(objects({ values: { "backup.drill.enabled": false } }).some(({ metadata }) => metadata.name === "backup-drill")).toBe(false);
});

describe("accounts and rights", () => {
  test("nothing is given a right, because no component asks the API", () => {
    const kinds = new Set(["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"]);
    expect(objects(everything).filter(({ kind }) => kinds.has(kind))).toEqual([]);
  });

  test("except that OpenShift's router may read the one Secret of the certificate, by name", () => {
    const all = objects({
      values: { "ingress.kind": "route", "ingress.tls.secretName": "wanted" },
      apiVersions: ["route.openshift.io/v1"],
    });
    expect(all.find(({ kind }) => kind === "Role")?.["rules"]).toEqual([
      { apiGroups: [""], resources: ["secrets"], resourceNames: ["wanted"], verbs: ["get", "list", "watch"] },
    ]);
    expect(all.find(({ kind }) => kind === "RoleBinding")?.["subjects"]).toEqual([
      { kind: "ServiceAccount", name: "router", namespace: "openshift-ingress" },
    ]);
    expect(all.filter(({ kind }) => kind.startsWith("Cluster"))).toEqual([]);
  });
});

test("the priority classes have the specified values, and background work never pushes another pod out", () => {
  const classes = objects({ values: { scope: "cluster" } }).filter(({ kind }) => kind === "PriorityClass");
  expect(classes.map(({ metadata, ...rest }) => [metadata.name, rest["value"], rest["preemptionPolicy"]])).toEqual([
    ["high-priority-ai", 1000, undefined],
    ["background-ai", 100, "Never"],
  ]);
});
