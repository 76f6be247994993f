import { describe, expect, it } from "vitest";
import { scratchJob } from "../../../src/adapters/kubernetes/backup-host/scratch-job.ts";

const scope = { release: "shop", namespace: "shop" };
const spec = { purpose: "preview", args: ["restore", "preview"], bytes: 3 * 1024 ** 3, seconds: 60, notes: { at: "now" } } as const;
const container = {
  name: "postgres",
  image: "r.example/postgres:17",
  securityContext: { readOnlyRootFilesystem: true },
  env: [{ name: "POSTGRES_DB", value: "migration" }],
  resources: { requests: { memory: "4Gi" } },
  volumeMounts: [
    { name: "data", mountPath: "/var/lib/postgresql/data" },
    { name: "backup", mountPath: "/var/lib/pgbackrest" },
    { name: "key", mountPath: "/run/key" },
  ],
};
const zone = { topologyKey: "zone" };
const primary = {
  spec: {
    priorityClassName: "high",
    serviceAccountName: "postgres",
    affinity: { nodeAffinity: { x: 1 }, podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [zone] } },
    containers: [container, { name: "backup-agent", resources: { requests: { memory: "512Mi" } } }],
    volumes: [
      { name: "data", persistentVolumeClaim: { claimName: "data-postgres-0" } },
      { name: "backup", persistentVolumeClaim: { claimName: "backup-postgres-0" } },
      { name: "key", secret: { secretName: "key" } },
    ],
  },
  container,
  annotations: { "sidecar.example/inject": "false" },
};
const beside = {
  topologyKey: "kubernetes.io/hostname",
  labelSelector: { matchLabels: { "app.kubernetes.io/instance": "shop", "app.kubernetes.io/component": "postgres" } },
};

describe("the Job of a database beside the primary", () => {
  const asked: string[] = [];
  const job = () =>
    scratchJob(primary, spec, scope, async (claim) => {
      asked.push(claim);
      return "fast";
    });

  it("is the primary's pod on its node, with a volume of its own of the data's class, and the repository to read", async () => {
    expect(await job()).toMatchObject({
      kind: "Job",
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: 60,
        template: {
          metadata: { annotations: primary.annotations },
          spec: {
            serviceAccountName: "postgres",
            affinity: { nodeAffinity: { x: 1 }, podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [zone, beside] } },
            containers: [
              {
                image: container.image,
                securityContext: container.securityContext,
                args: spec.args,
                env: expect.arrayContaining([...container.env, { name: "RESTORE_SCRATCH", value: "yes" }]),
                volumeMounts: [
                  container.volumeMounts[0],
                  { name: "backup", mountPath: "/var/lib/pgbackrest", readOnly: true },
                  container.volumeMounts[2],
                ],
              },
            ],
            volumes: expect.arrayContaining([
              { name: "key", secret: { secretName: "key" } },
              {
                name: "data",
                ephemeral: {
                  volumeClaimTemplate: {
                    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "fast", resources: { requests: { storage: "3072Mi" } } },
                  },
                },
              },
            ]),
          },
        },
      },
    });
    expect(asked).toEqual(["data-postgres-0"]);
    expect(JSON.stringify(await job())).not.toContain('"claimName":"data-postgres-0"');
  });

  it("asks for what the backup agent asks for, and for no priority over the platform", async () => {
    const text = JSON.stringify(await job());
    expect(text).toContain('"memory":"512Mi"');
    expect(text).not.toMatch(/4Gi|priorityClassName/);
  });

  it("is selected by no Service of the primary, and may talk to it", async () => {
    const labels = { "app.kubernetes.io/name": "postgres-preview", "app.kubernetes.io/component": "backup" };
    expect(await job()).toMatchObject({ metadata: { labels }, spec: { template: { metadata: { labels } } } });
  });
});
