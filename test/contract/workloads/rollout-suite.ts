import { describe, expect, it } from "vitest";
import type { Pod, Workload } from "../../../src/domain/rollout/workload.ts";
import { ago, container, deployment, job, podOf, ready, statefulSet, warning } from "../../fakes/rollout-objects.ts";
import { made, release, type Scene, service, signal } from "./scene.ts";
import { nodes, storageClasses } from "./world.ts";

/** How workloads and pods stand, and what their fate depends on. */
export function rolloutContract(scene: Scene): void {
  describe("rollout", () => {
    it("is empty where there is no release, and tells the cluster's classes and nodes nevertheless", async () => {
      expect(await scene.rollout({ release, namespace: "nowhere" })).toMatchObject({
        namespace: "nowhere",
        workloads: [],
        pods: [],
        events: { kind: "known", value: [] },
        claims: { kind: "known", value: [] },
      });
      const scope = await scene.fresh();
      await scene.world.put(scope, { workloads: [deployment("backend")] });
      const seen = await scene.rollout(scope);
      expect(seen.nodes).toEqual({ kind: "known", value: nodes });
      expect(seen.storageClasses).toEqual({ kind: "known", value: storageClasses });
    });

    it("tells Deployments, StatefulSets and Jobs as their controllers left them", async () => {
      const scope = await scene.fresh();
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
      await scene.world.put(scope, { workloads });
      expect((await scene.rollout(scope)).workloads).toEqual(workloads.map(made));
    });

    it("tells a pod's containers with their states, what it mounts, and the workload that it belongs to", async () => {
      const scope = await scene.fresh();
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
      await scene.world.put(scope, { workloads: [backend, postgres, migrations], pods });
      expect((await scene.rollout(scope)).pods).toEqual(pods.map(made));
    });

    it("leaves other releases out, of the same namespace and of others", async () => {
      const scope = await scene.fresh();
      const other = { release: "shop", namespace: scope.namespace };
      const elsewhere = await scene.fresh();
      const [backend, foreign, far] = [deployment("backend"), deployment("cart"), deployment("backend", { wanted: 7 })];
      await scene.world.put(scope, { workloads: [backend], pods: [podOf(backend)], services: [service("backend")] });
      await scene.world.put(other, { workloads: [foreign], pods: [podOf(foreign)], services: [service("cart")] });
      await scene.world.put(elsewhere, { workloads: [far] });
      const seen = await scene.rollout(scope);
      expect([seen.workloads.map(({ name: one }) => one), seen.pods.map(({ name: one }) => one)]).toEqual([["backend"], ["backend-x2x4z"]]);
      expect((await scene.rollout(other)).workloads.map(({ name: one }) => one)).toEqual(["cart"]);
      expect((await scene.rollout(elsewhere)).workloads.map(({ wanted }) => wanted)).toEqual([7]);
      expect(await scene.world.workloads.services(scope, signal)).toEqual({ kind: "known", value: [service("backend")] });
    });

    it("tells events oldest first, with the container they are about, and how often a series was seen", async () => {
      const scope = await scene.fresh();
      const events = [
        warning("Pod", "backend-x", "Unhealthy", "Readiness probe failed: 503", {
          object: { kind: "Pod", name: "backend-x", container: "main" },
          count: 12,
          at: ago(3),
        }),
        warning("ReplicaSet", "backend-5d9c7b", "SuccessfulCreate", "Created pod: backend-x", { type: "Normal", at: ago(300) }),
        warning("PersistentVolumeClaim", "data", "ProvisioningFailed", "no space", { at: ago(90) }),
      ];
      await scene.world.put(scope, { events });
      const seen = (await scene.rollout(scope)).events;
      expect(seen).toEqual({ kind: "known", value: [events[1], events[2], events[0]] });
    });

    it("tells the claims of the namespace with class and phase", async () => {
      const scope = await scene.fresh();
      const claims = [
        { name: "bound", phase: "Bound", storageClass: "standard", requested: "200Gi", createdAt: ago(0) },
        { name: "classless", phase: "Pending", requested: "1Gi", createdAt: ago(0) },
        { name: "lost", phase: "Lost", storageClass: "gone", requested: "5Gi", createdAt: ago(0) },
      ] as const;
      await scene.world.put(scope, { claims });
      expect((await scene.rollout(scope)).claims).toEqual({ kind: "known", value: claims.map(made) });
    });
  });
}
