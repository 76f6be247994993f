import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { KubernetesObject } from "../node/objects/system-pod.ts";
import { until } from "../until.ts";
import { apply, type Cluster, kubectl, makeNamespace, read, waitFor } from "./kubectl.ts";
import { deployment } from "./workloads.ts";

const namespace = "figures";

const Autoscaler = z.object({
  status: z.object({
    desiredReplicas: z.number(),
    currentMetrics: z
      .array(z.object({ resource: z.object({ current: z.object({ averageUtilization: z.number().optional() }) }) }))
      .nullish(),
  }),
});

const autoscaler: KubernetesObject = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "busy", namespace },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "busy" },
    minReplicas: 1,
    maxReplicas: 2,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 20 } } }],
  },
};

/** The aggregated metrics API, and what lives on it. */
export const describeMetrics = (cluster: Cluster) =>
  describe("figures of use", () => {
    beforeAll(async () => {
      await makeNamespace(cluster(), namespace);
      const resources = { requests: { cpu: "50m" }, limits: { cpu: "50m" } };
      await apply(cluster(), deployment({ namespace, name: "busy", command: "while :; do :; done", resources }), autoscaler);
      await waitFor(cluster(), namespace, "deployment/busy", "condition=Available");
    });

    test("kubectl top answers for the node", async () => {
      const top = await until("figures of the node", () => kubectl(cluster(), "top", "nodes", "--no-headers"), {
        deadlineMs: 60_000,
        pauseMs: 500,
      });
      expect(top).toMatch(/^node-1\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/);
    });

    test("a HorizontalPodAutoscaler gets its figure and scales a busy Deployment by it", async () => {
      const { status } = await until(
        "the autoscaler's figure",
        async () => {
          const found = await read(cluster(), Autoscaler, `--namespace=${namespace}`, "horizontalpodautoscaler", "busy");
          return found.status.currentMetrics?.length && found.status.desiredReplicas === 2 ? found : undefined;
        },
        { deadlineMs: 90_000, pauseMs: 500 },
      );
      expect(status.currentMetrics?.[0]?.resource.current.averageUtilization).toBeGreaterThan(20);
      await waitFor(cluster(), namespace, "deployment/busy", "jsonpath={.status.readyReplicas}=2");
      await kubectl(cluster(), "delete", "deployment/busy", "horizontalpodautoscaler/busy", `--namespace=${namespace}`);
    });
  });
