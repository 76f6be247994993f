import { describe, expect, it } from "vitest";
import { wantedFrom } from "../../../src/domain/capacity/wanted-pods.ts";

const template = { metadata: { labels: { app: "x" } }, spec: { containers: [{ name: "x", image: "x:1" }] } };
const workload = (kind: string, name: string, spec: object) => ({ apiVersion: "v1", kind, metadata: { name }, spec });

describe("wantedFrom", () => {
  it("makes as many pods as a Deployment has replicas, one when it does not say", () => {
    expect(wantedFrom([workload("Deployment", "web", { replicas: 2, template })]).pods.map(({ name }) => name)).toEqual(["web-0", "web-1"]);
    expect(wantedFrom([workload("Deployment", "web", { template })]).pods.map(({ name, owner }) => [name, owner])).toEqual([
      ["web", "Deployment/web"],
    ]);
    expect(wantedFrom([workload("Deployment", "web", { replicas: 0, template })]).pods).toEqual([]);
  });

  it("never makes fewer than an autoscaler's minimum", () => {
    const hpa = workload("HorizontalPodAutoscaler", "web", { scaleTargetRef: { kind: "Deployment", name: "web" }, minReplicas: 3 });
    expect(wantedFrom([workload("Deployment", "web", { template }), hpa]).pods).toHaveLength(3);
    const keda = workload("ScaledObject", "web", { scaleTargetRef: { name: "web" }, minReplicaCount: 2 });
    expect(wantedFrom([workload("Deployment", "web", { template }), keda]).pods).toHaveLength(2);
  });

  it("names the claims of a StatefulSet as its controller does", () => {
    const claimTemplate = { metadata: { name: "data" }, spec: { storageClassName: "fast", resources: { requests: { storage: "10Gi" } } } };
    const { claims } = wantedFrom([workload("StatefulSet", "redis", { replicas: 2, template, volumeClaimTemplates: [claimTemplate] })]);
    expect(claims).toEqual(
      [0, 1].map((index) => ({ name: `data-redis-${index}`, size: "10Gi", className: "fast", accessModes: ["ReadWriteOnce"] })),
    );
  });

  it("takes an empty class name as the default class", () => {
    const claim = workload("PersistentVolumeClaim", "backup", { storageClassName: "", resources: { requests: { storage: "1Gi" } } });
    expect(wantedFrom([claim]).claims[0]).not.toHaveProperty("className");
  });

  it("takes Jobs and CronJobs as pods that come and go", () => {
    const pods = wantedFrom([
      workload("Job", "migrate", { template }),
      workload("CronJob", "backup", { jobTemplate: { spec: { template } } }),
    ]).pods;
    expect(pods.map(({ name, life }) => [name, life])).toEqual([
      ["migrate", "passing"],
      ["backup", "passing"],
    ]);
  });

  it("passes over everything that runs nothing", () =>
    expect(wantedFrom([workload("Service", "x", {}), workload("ConfigMap", "x", {})])).toMatchObject({ pods: [], claims: [] }));

  it("refuses a workload that Kubernetes would refuse", () =>
    expect(() => wantedFrom([workload("Deployment", "x", { replicas: 1 })])).toThrow(/template/));
});
