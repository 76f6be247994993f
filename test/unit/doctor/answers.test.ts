import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readReplication } from "../../../src/adapters/kubernetes/backup-host/replication-state.ts";
import { fromSummary, summarySchema } from "../../../src/adapters/kubernetes/release-health/read-node-stats.ts";
import { recordedIn } from "../../../src/adapters/kubernetes/workloads/read-helm.ts";

describe("what a kubelet tells", () => {
  it("is read of the release's namespace, claims with their figures only", () => {
    const summary = {
      node: { nodeName: "node-a" },
      pods: [
        {
          podRef: { name: "postgres-0", namespace: "shop", uid: "u" },
          containers: [{ name: "postgres", memory: { workingSetBytes: 42 } }, { name: "new" }],
          volume: [
            {
              name: "data",
              pvcRef: { name: "data-postgres-0", namespace: "shop" },
              usedBytes: 4,
              capacityBytes: 10,
              inodes: 8,
              inodesUsed: 2,
            },
            { name: "backup", pvcRef: { name: "backup-postgres-0", namespace: "shop" } },
            { name: "tmp", usedBytes: 1, capacityBytes: 2 },
          ],
        },
        {
          podRef: { name: "postgres-0", namespace: "other" },
          volume: [{ pvcRef: { name: "x", namespace: "other" }, usedBytes: 1, capacityBytes: 1 }],
        },
      ],
    };
    expect(fromSummary(summarySchema.parse(summary), "shop")).toEqual({
      claims: [{ claim: "data-postgres-0", used: 4, capacity: 10, inodes: { used: 2, capacity: 8 } }],
      containers: [{ pod: "postgres-0", container: "postgres", bytes: 42 }],
    });
  });
});

describe("what the primary tells of its replicas", () => {
  it("is read with what is not known yet left out, and never less than nothing", () => {
    const text = `${JSON.stringify({
      replicas: [{ name: "postgres-replica-0", state: "startup", lagBytes: null }],
      slots: [{ name: "s", active: true, lost: false, keptBytes: -8 }],
    })}\n`;
    expect(readReplication(text)).toEqual({
      replicas: [{ name: "postgres-replica-0", state: "startup", lagBytes: undefined }],
      slots: [{ name: "s", active: true, lost: false, keptBytes: 0 }],
    });
  });

  it("is refused when it is something else", () => {
    expect(() => readReplication("psql: error")).toThrow(expect.objectContaining({ code: "BACKUP_HOST_STRANGE" }));
  });
});

describe("what Helm recorded", () => {
  it("is read by names and images alone: nothing that its Secrets hold is kept", () => {
    const manifest = `
apiVersion: v1
kind: Secret
metadata: { name: app-secrets }
data: { secret-key: canary-4711 }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: backend }
spec:
  template:
    spec:
      initContainers: [{ name: wait, image: r/x:1 }]
      containers: [{ name: backend, image: r/y:2, env: [{ name: A, value: canary-4711 }] }]
`;
    const payload = gzipSync(JSON.stringify({ manifest, config: { password: "canary-4711" } })).toString("base64");
    const recorded = recordedIn(Buffer.from(payload).toString("base64"));
    expect(recorded).toEqual({
      objects: [
        { kind: "Secret", name: "app-secrets" },
        { kind: "Deployment", name: "backend" },
      ],
      containers: [
        { workload: "Deployment/backend", container: "wait", image: "r/x:1" },
        { workload: "Deployment/backend", container: "backend", image: "r/y:2" },
      ],
    });
    expect(JSON.stringify(recorded)).not.toContain("canary");
  });
});
