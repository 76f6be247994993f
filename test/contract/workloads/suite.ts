import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pod, Workload } from "../../../src/domain/rollout/workload.ts";
import type { ReleaseScope } from "../../../src/ports/cluster-workloads.ts";
import { createAuthority } from "../../fakes/certificates.ts";
import { ago, container, deployment, job, podOf, ready, statefulSet, warning } from "../../fakes/rollout-objects.ts";
import { until } from "../../sandbox/until.ts";
import { nodes, storageClasses, type World } from "./world.ts";

const signal = new AbortController().signal;
const release = "migrate-platform";

/** As the cluster tells it: when it was made is the cluster's own. */
const made = <T extends { readonly createdAt: Date }>(one: T) => ({ ...one, createdAt: expect.any(Date) });

/** What every implementation of ClusterWorkloads does; each test works in a namespace of its own. */
export function workloadsContract(name: string, start: () => Promise<World>): void {
  describe(`${name}: ClusterWorkloads`, () => {
    let world: World;
    let end = async (): Promise<void> => undefined;
    let count = 0;
    beforeAll(async () => {
      world = await start();
      end = () => world.end();
    }, 180_000);
    afterAll(() => end());
    const fresh = async (): Promise<ReleaseScope> => {
      const scope = { release, namespace: `workloads-${++count}` };
      await world.makeNamespace(scope.namespace);
      return scope;
    };
    const rollout = (scope: ReleaseScope) => world.workloads.rollout(scope, signal);

    describe("rollout", () => {
      it("is empty where there is no release, and tells the cluster's classes and nodes nevertheless", async () => {
        expect(await rollout({ release, namespace: "nowhere" })).toMatchObject({
          namespace: "nowhere",
          workloads: [],
          pods: [],
          events: { kind: "known", value: [] },
          claims: { kind: "known", value: [] },
        });
        const scope = await fresh();
        await world.put(scope, { workloads: [deployment("backend")] });
        const seen = await rollout(scope);
        expect(seen.nodes).toEqual({ kind: "known", value: nodes });
        expect(seen.storageClasses).toEqual({ kind: "known", value: storageClasses });
      });

      it("tells Deployments, StatefulSets and Jobs as their controllers left them", async () => {
        const scope = await fresh();
        const workloads: readonly Workload[] = [
          deployment("backend", {
            wanted: 3,
            existing: 4,
            updated: 2,
            ready: 2,
            available: 1,
            replicaSets: ["backend-5d9c7b", "backend-6f8d9c"],
            conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "exceeded quota", since: ago(60) }],
          }),
          deployment("bare", { component: "frontend", observedGeneration: 0, existing: 0, updated: 0 }),
          statefulSet("postgres", { wanted: 2, existing: 2, updated: 1, ready: 1, available: 1 }),
          statefulSet("redis", { ...ready }),
          job("backup-full-1", { component: "backup", cronJob: "backup-full" }),
          job("migrations-1", {
            component: "migrations",
            wanted: 1,
            existing: 2,
            updated: 2,
            conditions: [
              { type: "FailureTarget", status: "True", reason: "BackoffLimitExceeded", message: "too often", since: ago(30) },
              { type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "too often", since: ago(30) },
            ],
          }),
          job("migrations-2", {
            component: "migrations",
            ready: 1,
            available: 1,
            conditions: [
              { type: "SuccessCriteriaMet", status: "True", reason: "CompletionsReached", message: "", since: ago(20) },
              { type: "Complete", status: "True", reason: "CompletionsReached", message: "", since: ago(20) },
            ],
          }),
        ];
        await world.put(scope, { workloads });
        expect((await rollout(scope)).workloads).toEqual(workloads.map(made));
      });

      it("tells a pod's containers with their states, what it mounts, and the workload that it belongs to", async () => {
        const scope = await fresh();
        const [backend, postgres, migrations] = [deployment("backend"), statefulSet("postgres"), job("migrations-1")];
        const { node: _, ...unplaced } = podOf(postgres, {
          name: "postgres-0",
          claims: ["data-postgres-0"],
          requests: { cpu: "500m", memory: "268435456" },
          nodeSelector: { disk: "ssd" },
          conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes", since: ago(40) }],
          containers: [container({ phase: { kind: "waiting", reason: "", message: "" } })],
        });
        const pods: readonly Pod[] = [
          podOf(backend, {
            name: "backend-5d9c7b-x2x4z",
            phase: "Running",
            ip: "10.244.0.7",
            containers: [
              container({
                name: "wait",
                role: "init",
                phase: { kind: "terminated", exitCode: 0, reason: "Completed", message: "", finishedAt: ago(80) },
              }),
              container({ name: "proxy", role: "sidecar", ready: true }),
              container({
                restarts: 4,
                memoryLimit: "64Mi",
                phase: { kind: "waiting", reason: "CrashLoopBackOff", message: "back-off 40s" },
                last: { exitCode: 137, signal: 9, reason: "OOMKilled", message: "", finishedAt: ago(15) },
              }),
            ],
            // A limit without a request is the request.
            requests: { memory: "67108864" },
            pullSecrets: ["registry-credentials"],
            configVolumes: [
              { volume: "credentials", object: "Secret", name: "app-secrets" },
              { volume: "tenants", object: "ConfigMap", name: "tenants" },
            ],
          }),
          podOf(migrations, {
            phase: "Running",
            deleting: true,
            containers: [container({ phase: { kind: "terminated", exitCode: 3, reason: "Error", message: "no", finishedAt: ago(5) } })],
          }),
          unplaced,
        ];
        await world.put(scope, { workloads: [backend, postgres, migrations], pods });
        expect((await rollout(scope)).pods).toEqual(pods.map(made));
      });

      it("leaves other releases out, of the same namespace and of others", async () => {
        const scope = await fresh();
        const other = { release: "shop", namespace: scope.namespace };
        const elsewhere = await fresh();
        const [backend, foreign, far] = [deployment("backend"), deployment("cart"), deployment("backend", { wanted: 7 })];
        await world.put(scope, { workloads: [backend], pods: [podOf(backend)], services: [service("backend")] });
        await world.put(other, { workloads: [foreign], pods: [podOf(foreign)], services: [service("cart")] });
        await world.put(elsewhere, { workloads: [far] });
        const seen = await rollout(scope);
        expect([seen.workloads.map(({ name: one }) => one), seen.pods.map(({ name: one }) => one)]).toEqual([
          ["backend"],
          ["backend-x2x4z"],
        ]);
        expect((await rollout(other)).workloads.map(({ name: one }) => one)).toEqual(["cart"]);
        expect((await rollout(elsewhere)).workloads.map(({ wanted }) => wanted)).toEqual([7]);
        expect(await world.workloads.services(scope, signal)).toEqual({ kind: "known", value: [service("backend")] });
      });

      it("tells events oldest first, with the container they are about, and how often a series was seen", async () => {
        const scope = await fresh();
        const events = [
          warning("Pod", "backend-x", "Unhealthy", "Readiness probe failed: 503", {
            object: { kind: "Pod", name: "backend-x", container: "main" },
            count: 12,
            at: ago(3),
          }),
          warning("ReplicaSet", "backend-5d9c7b", "SuccessfulCreate", "Created pod: backend-x", { type: "Normal", at: ago(300) }),
          warning("PersistentVolumeClaim", "data", "ProvisioningFailed", "no space", { at: ago(90) }),
        ];
        await world.put(scope, { events });
        const seen = (await rollout(scope)).events;
        expect(seen).toEqual({ kind: "known", value: [events[1], events[2], events[0]] });
      });

      it("tells the claims of the namespace with class and phase", async () => {
        const scope = await fresh();
        const claims = [
          { name: "bound", phase: "Bound", storageClass: "standard", requested: "200Gi", createdAt: ago(0) },
          { name: "classless", phase: "Pending", requested: "1Gi", createdAt: ago(0) },
          { name: "lost", phase: "Lost", storageClass: "gone", requested: "5Gi", createdAt: ago(0) },
        ] as const;
        await world.put(scope, { claims });
        expect((await rollout(scope)).claims).toEqual({ kind: "known", value: claims.map(made) });
      });
    });

    describe("watch", () => {
      const watching = (scope: ReleaseScope, as = world.workloads) => {
        const end = new AbortController();
        const calls = { count: 0 };
        as.watch(scope, () => (calls.count += 1), end.signal);
        const since = async (before: number) =>
          until("a change", () => (calls.count > before ? true : undefined), { deadlineMs: 10_000, pauseMs: 10 });
        return { calls, end, since };
      };

      it("calls when a workload or pod of the release comes or changes, of every kind", async () => {
        const scope = await fresh();
        const backend = deployment("backend");
        const { calls, end, since } = watching(scope);
        for (const state of [
          { workloads: [backend] },
          { workloads: [{ ...backend, ...ready }] },
          { pods: [podOf(backend)] },
          { pods: [podOf(backend, { phase: "Running" as const })] },
          { workloads: [statefulSet("postgres")] },
          { workloads: [job("migrations-1")] },
        ]) {
          const before = calls.count;
          await world.put(scope, state);
          await since(before);
        }
        end.abort();
        expect((await rollout(scope)).workloads).toHaveLength(3);
      });

      it("misses nothing that happened before it began to see", async () => {
        const scope = await fresh();
        const seen = await rollout(scope);
        const { calls, end, since } = watching(scope);
        await world.put(scope, { workloads: [deployment("backend")] });
        await since(0);
        end.abort();
        expect(seen.workloads).toHaveLength(0);
        expect(calls.count).toBeGreaterThan(0);
      });

      it("outlives that the API server is restarted", async () => {
        const scope = await fresh();
        await world.put(scope, { workloads: [deployment("backend")] });
        const { calls, end, since } = watching(scope);
        await world.put(scope, { workloads: [deployment("frontend")] });
        await since(0);
        await world.interrupt();
        const before = calls.count;
        await world.put(scope, { workloads: [deployment("worker")] });
        await since(before);
        end.abort();
        expect((await rollout(scope)).workloads).toHaveLength(3);
      });

      it("calls no more once the signal has aborted", async () => {
        const scope = await fresh();
        const [ended, going] = [watching(scope), watching(scope)];
        await world.put(scope, { workloads: [deployment("backend")] });
        await Promise.all([ended.since(0), going.since(0)]);
        ended.end.abort();
        const [before, others] = [ended.calls.count, going.calls.count];
        await world.put(scope, { workloads: [deployment("frontend")] });
        await going.since(others);
        expect(ended.calls.count).toBe(before);
        going.end.abort();
      });

      it("calls on suspicion where it may not watch", async () => {
        const { end, since } = watching(await fresh(), world.restricted);
        await since(0);
        end.abort();
      });
    });

    describe("logTail", () => {
      it("gives the last lines of the present or the previous run, oldest first, without the empty ones", async () => {
        const scope = await fresh();
        const backend = deployment("backend");
        const pod = podOf(backend);
        const logs = { [`${pod.name}/main/current`]: ["one", "two", "three"], [`${pod.name}/main/previous`]: ["FATAL: before"] };
        await world.put(scope, { workloads: [backend], pods: [pod], logs });
        const tail = (previous: boolean, lines: number) =>
          world.workloads.logTail(scope.namespace, { pod: pod.name, container: "main", previous }, lines, signal);
        expect(await tail(false, 2)).toEqual({ kind: "known", value: ["two", "three"] });
        expect(await tail(false, 12)).toEqual({ kind: "known", value: ["one", "two", "three"] });
        expect(await tail(true, 12)).toEqual({ kind: "known", value: ["FATAL: before"] });
      });

      it("is unavailable for a container without such a log and for a pod that is not there", async () => {
        const scope = await fresh();
        const backend = deployment("backend");
        await world.put(scope, { workloads: [backend], pods: [podOf(backend)] });
        const tail = (pod: string, container: string) =>
          world.workloads.logTail(scope.namespace, { pod, container, previous: true }, 12, signal);
        expect(await tail("backend-x2x4z", "main")).toMatchObject({ kind: "unavailable", message: expect.stringContaining("main") });
        expect(await tail("backend-gone", "main")).toMatchObject({ kind: "unavailable", message: expect.stringContaining("backend-gone") });
      });
    });

    describe("what surrounds a release", () => {
      it("are its ways in, one per host, with class, certificate's Secret and published address", async () => {
        const scope = await fresh();
        const common = { kind: "Ingress", name: "platform", className: "nginx", addresses: ["10.0.0.7", "lb.client.example"] } as const;
        const entryPoints = [
          {
            ...common,
            host: "migrate.client.example",
            tls: true,
            tlsSecret: "platform-tls",
            paths: [
              { path: "/api", service: "backend" },
              { path: "/", service: "frontend" },
            ],
          },
          { ...common, host: "plain.client.example", tls: false, paths: [{ path: "/", service: "frontend" }] },
        ];
        await world.put(scope, { entryPoints });
        expect(await world.workloads.entryPoints(scope, signal)).toEqual({ kind: "known", value: entryPoints });
      });

      it("are its Services with ports by number and by name", async () => {
        const scope = await fresh();
        const services = [
          service("backend"),
          {
            name: "postgres",
            component: "postgres",
            type: "ClusterIP",
            ports: [
              { name: "sql", port: 5432, targetPort: "postgres" },
              { name: "metrics", port: 9187, targetPort: "9187" },
            ],
          },
        ];
        await world.put(scope, { services });
        expect(await world.workloads.services(scope, signal)).toEqual({ kind: "known", value: services });
      });

      it("are autoscalers with figures, without those that are unknown, and with what keeps them from scaling", async () => {
        const scope = await fresh();
        const autoscalers = [
          {
            name: "backend",
            target: { kind: "Deployment", name: "backend" },
            minimum: 2,
            maximum: 5,
            metrics: [
              { name: "cpu", target: "70%", current: "12%" },
              { name: "queue-depth", target: "5" },
            ],
          },
          {
            name: "worker",
            target: { kind: "Deployment", name: "worker" },
            minimum: 1,
            maximum: 9,
            metrics: [{ name: "memory", target: "80%" }],
            trouble: { reason: "FailedGetResourceMetric", message: "no metrics known" },
          },
        ];
        await world.put(scope, { autoscalers });
        expect(await world.workloads.autoscalers(scope, signal)).toEqual({ kind: "known", value: autoscalers });
      });

      it("are CronJobs with their last runs", async () => {
        const scope = await fresh();
        const cronJobs = [
          {
            name: "backup-full",
            component: "backup",
            schedule: "0 1 * * 0",
            suspended: false,
            createdAt: ago(0),
            lastScheduled: ago(7200),
            lastSuccessful: ago(7000),
            active: 1,
          },
          { name: "backup-incremental", component: "backup", schedule: "0 * * * *", suspended: true, createdAt: ago(0), active: 0 },
        ];
        await world.put(scope, { cronJobs });
        expect(await world.workloads.cronJobs(scope, signal)).toEqual({ kind: "known", value: cronJobs.map(made) });
      });

      it("are the public parts of its certificates, never a key", async () => {
        const scope = await fresh();
        const authority = createAuthority("client CA");
        const pair = authority.issue(["migrate.client.example", "*.apps.client.example"]);
        await world.put(scope, { tlsSecrets: { tls: { ...pair, ca: authority.pem }, bare: "none" } });
        const read = (secret: string) => world.workloads.certificate(scope.namespace, secret, signal);
        const found = await read("tls");
        expect(found).toMatchObject({
          kind: "known",
          value: {
            chainPem: pair.cert,
            caPem: authority.pem,
            facts: {
              names: ["migrate.client.example", "*.apps.client.example"],
              issuer: "CN=client CA",
              selfSigned: false,
              fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
            },
          },
        });
        expect(JSON.stringify(found)).not.toContain("PRIVATE KEY");
        expect(await read("absent")).toEqual({ kind: "known", value: undefined });
        expect(await read("bare")).toMatchObject({ kind: "unavailable", message: expect.stringContaining("no tls.crt") });
      });

      it("are what Helm's newest revision says, and nothing for a release that Helm does not know", async () => {
        const scope = await fresh();
        const revision = (number: number, status: string) => ({
          revision: number,
          status,
          chartName: "migrate-platform",
          chartVersion: "1.1.0",
          appVersion: "1.1.0",
          deployedAt: ago(3600),
          profile: "small",
        });
        await world.put(scope, { helm: [revision(9, "superseded"), revision(10, "deployed")] });
        expect(await world.workloads.helmRelease(scope, signal)).toEqual({ kind: "known", value: revision(10, "deployed") });
        expect(await world.workloads.helmRelease({ ...scope, release: "shop" }, signal)).toEqual({ kind: "known", value: undefined });
      });
    });

    describe("rights and cancelling", () => {
      it("tell an admin of one namespace everything of it, and that classes and nodes may not be listed", async () => {
        const scope = { release, namespace: world.ownNamespace };
        await world.put(scope, { workloads: [deployment("backend")], services: [service("backend")] });
        const seen = await world.restricted.rollout(scope, signal);
        expect(seen.workloads).toHaveLength(1);
        expect(seen.nodes).toMatchObject({ kind: "denied", verb: "list", resource: "nodes" });
        expect(seen.storageClasses).toMatchObject({ kind: "denied", verb: "list", resource: "storageclasses" });
        expect(await world.restricted.services(scope, signal)).toMatchObject({ kind: "known" });
        expect(await world.restricted.helmRelease(scope, signal)).toMatchObject({ kind: "known" });
      });

      it("refuse the rollout where even the pods may not be read, and tell every other reading as denied", async () => {
        const scope = await fresh();
        const { restricted } = world;
        await expect(restricted.rollout(scope, signal)).rejects.toMatchObject({ code: "CLUSTER_FORBIDDEN" });
        expect([
          await restricted.entryPoints(scope, signal),
          await restricted.services(scope, signal),
          await restricted.autoscalers(scope, signal),
          await restricted.cronJobs(scope, signal),
          await restricted.helmRelease(scope, signal),
          await restricted.certificate(scope.namespace, "tls", signal),
          await restricted.logTail(scope.namespace, { pod: "p", container: "main", previous: false }, 5, signal),
        ]).toMatchObject(
          [
            ["list", "ingresses"],
            ["list", "services"],
            ["list", "horizontalpodautoscalers"],
            ["list", "cronjobs"],
            ["list", "secrets"],
            ["get", "secrets/tls"],
            ["get", "pods/log"],
          ].map(([verb, resource]) => ({ kind: "denied", verb, resource })),
        );
      });

      it("end every reading with the signal's reason", async () => {
        const scope = await fresh();
        const reason = new Error("stopped by the test");
        const aborted = AbortSignal.abort(reason);
        const { workloads } = world;
        for (const reading of [
          workloads.rollout(scope, aborted),
          workloads.logTail(scope.namespace, { pod: "p", container: "main", previous: false }, 5, aborted),
          workloads.entryPoints(scope, aborted),
          workloads.services(scope, aborted),
          workloads.autoscalers(scope, aborted),
          workloads.cronJobs(scope, aborted),
          workloads.certificate(scope.namespace, "tls", aborted),
          workloads.helmRelease(scope, aborted),
        ])
          await expect(reading).rejects.toBe(reason);
      });
    });
  });
}

function service(name: string) {
  return { name, component: name, type: "ClusterIP", ports: [{ name: "http", port: 80, targetPort: "8000" }] };
}
