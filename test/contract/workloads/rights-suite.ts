import { describe, expect, it } from "vitest";
import { deployment } from "../../fakes/rollout-objects.ts";
import { release, type Scene, service, signal } from "./scene.ts";

/** What somebody sees who may not see everything, and what cancelling does. */
export function rightsContract(scene: Scene): void {
  describe("rights and cancelling", () => {
    it("tell an admin of one namespace everything of it, and that classes and nodes may not be listed", async () => {
      const scope = { release, namespace: scene.world.ownNamespace };
      await scene.world.put(scope, { workloads: [deployment("backend")], services: [service("backend")] });
      const seen = await scene.world.restricted.rollout(scope, signal);
      expect(seen.workloads).toHaveLength(1);
      expect(seen.nodes).toMatchObject({ kind: "denied", verb: "list", resource: "nodes" });
      expect(seen.storageClasses).toMatchObject({ kind: "denied", verb: "list", resource: "storageclasses" });
      expect(await scene.world.restricted.services(scope, signal)).toMatchObject({ kind: "known" });
      expect(await scene.world.restricted.helmRelease(scope, signal)).toMatchObject({ kind: "known" });
    });

    it("refuse the rollout where even the pods may not be read, and tell every other reading as denied", async () => {
      const scope = await scene.fresh();
      const { restricted } = scene.world;
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
          ["list", "ingresses.networking.k8s.io"],
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
      const scope = await scene.fresh();
      const reason = new Error("stopped by the test");
      const aborted = AbortSignal.abort(reason);
      const { workloads } = scene.world;
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
}
