import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { backupHostRights, createBackupHost } from "../../../src/adapters/kubernetes/backup-host/backup-host.ts";
import { createReplicationState } from "../../../src/adapters/kubernetes/backup-host/replication-state.ts";
import { createRestorePods, restorePodsRights } from "../../../src/adapters/kubernetes/backup-host/restore-pods.ts";
import { createScratchDatabases, scratchDatabasesRights } from "../../../src/adapters/kubernetes/backup-host/scratch-databases.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import { createDataClaim, dataClaimRights } from "../../../src/adapters/kubernetes/data-claim/data-claim.ts";
import { createEarlyObjects, earlyObjectsRights } from "../../../src/adapters/kubernetes/early-objects/early-objects.ts";
import { createPodExec } from "../../../src/adapters/kubernetes/exec/pod-exec.ts";
import { kubernetesFacts } from "../../../src/adapters/kubernetes/facts/cluster-facts.ts";
import { installRights } from "../../../src/adapters/kubernetes/install-rights.ts";
import { createLiveObjects, liveObjectsRights } from "../../../src/adapters/kubernetes/live-objects/live-objects.ts";
import { createClusterObjects } from "../../../src/adapters/kubernetes/objects.ts";
import { objectsRights } from "../../../src/adapters/kubernetes/objects-rights.ts";
import { createRedisData, redisDataRights } from "../../../src/adapters/kubernetes/redis-data/redis-data.ts";
import { createReleaseHealth, releaseHealthRights } from "../../../src/adapters/kubernetes/release-health/release-health.ts";
import { createReleaseRecords, releaseRecordsRights } from "../../../src/adapters/kubernetes/release-records/release-records.ts";
import { createRunningParts, runningPartsRights } from "../../../src/adapters/kubernetes/running-parts/running-parts.ts";
import { createTunnels, tunnelRights } from "../../../src/adapters/kubernetes/tunnel/tunnel.ts";
import { workloadsRights } from "../../../src/adapters/kubernetes/workloads/rights.ts";
import { createWorkloads } from "../../../src/adapters/kubernetes/workloads/workloads.ts";
import type { ClusterObjects, NewSecret } from "../../../src/ports/cluster-objects.ts";
import type { ClusterWorkloads } from "../../../src/ports/cluster-workloads.ts";
import type { DataClaim } from "../../../src/ports/data-claim.ts";
import type { ReleaseHealth } from "../../../src/ports/release-health.ts";
import type { ReleaseRecords } from "../../../src/ports/release-records.ts";
import type { RestorePods } from "../../../src/ports/restore-pods.ts";
import type { RunningParts } from "../../../src/ports/running-parts.ts";
import type { ScratchDatabases } from "../../../src/ports/scratch-databases.ts";
import { until } from "../../sandbox/until.ts";
import { Installer, namesOf, widest } from "./installer.ts";

const signal = new AbortController().signal;

/** What the chart makes with any answers. */
const chartKinds = [
  ...["ConfigMap", "Service", "ServiceAccount", "PersistentVolumeClaim"].map((kind) => ["v1", kind] as const),
  ...["Deployment", "StatefulSet"].map((kind) => ["apps/v1", kind] as const),
  ...["Job", "CronJob"].map((kind) => ["batch/v1", kind] as const),
  ["policy/v1", "PodDisruptionBudget"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
] as const;

/** What everybody may ask: who am I, and what may I do. */
const everybodys = /^create self\w+reviews\./;

let installer: Installer;
beforeAll(async () => {
  installer = await Installer.start("rights-methods");
}, 180_000);
afterAll(() => installer?.stop());

describe("each method of an adapter", () => {
  const secret: NewSecret = { name: "s", type: "Opaque", labels: { "app.kubernetes.io/managed-by": "migratectl" }, values: { a: "1" } };
  const holder = { user: "anna", host: "jump-1", pid: 1, run: "one", machine: "m", processStart: "1" };
  const claim = { holder, acquiredAt: new Date(0), durationSeconds: 30 };
  const scope = { release: "r", namespace: "each" };
  let client: ApiClient;

  beforeAll(async () => {
    const all = [
      ...[
        objectsRights,
        workloadsRights,
        runningPartsRights,
        restorePodsRights,
        dataClaimRights,
        scratchDatabasesRights,
        earlyObjectsRights,
        releaseHealthRights,
        liveObjectsRights,
        releaseRecordsRights,
      ].flatMap((methods) => Object.values(methods).flat()),
      ...[...tunnelRights, ...backupHostRights, ...redisDataRights],
    ];
    await installer.grant(all);
    client = new ApiClient(loadKubeConfig({ kubeconfig: installer.api.kubeconfig }));
    await createClusterObjects(client).createNamespace("each", {}, signal);
  });

  /** What the API server was asked for meanwhile. */
  async function asked(call: () => Promise<unknown>): Promise<ReadonlySet<string>> {
    installer.api.seen.clear();
    await call().catch(() => undefined);
    return new Set([...installer.api.seen.keys()].filter((right) => !everybodys.test(right)));
  }

  /** A StatefulSet of a primary with a claim for its data. */
  async function applyPrimary(): Promise<void> {
    const labels = { app: "postgres" };
    const container = {
      name: "postgres",
      image: "none.invalid/none",
      args: ["primary"],
      livenessProbe: { exec: { command: ["true"] } },
      volumeMounts: [{ name: "data", mountPath: "/var/lib/postgresql/data" }],
    };
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data-postgres-0" } }];
    const spec = {
      serviceName: "postgres",
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container], volumes } },
    };
    const path = "/apis/apps/v1/namespaces/each/statefulsets/postgres";
    const body = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "postgres" }, spec };
    const apply = {
      method: "PATCH",
      path,
      query: { fieldManager: "test" },
      contentType: "application/apply-patch+yaml",
      body,
      signal,
    } as const;
    await installer.plane.admin.request(apply, z.unknown());
  }

  const objects: Readonly<Record<keyof ClusterObjects, (port: ClusterObjects) => Promise<unknown>>> = {
    clusterUid: (port) => port.clusterUid("each", signal),
    userName: (port) => port.userName(signal),
    namespace: (port) => port.namespace("each", signal),
    createNamespace: (port) => port.createNamespace("each", {}, signal),
    createSecret: async (port) => [await port.createSecret("each", secret, signal), await port.createSecret("each", secret, signal)],
    readSecret: (port) => port.readSecret("each", "s", signal),
    addSecretKeys: (port) => port.addSecretKeys("each", "s", { b: "2" }, signal),
    setSecret: async (port) => [
      await port.setSecret("each", secret, signal),
      await port.setSecret("each", { ...secret, name: "new" }, signal),
    ],
    writeDocument: async (port) => {
      const written = await port.writeDocument("each", "d", {}, {}, undefined, signal);
      await port.writeDocument("each", "d", { a: "1" }, {}, written.kind === "written" ? written.version : "", signal);
    },
    readDocument: (port) => port.readDocument("each", "d", signal),
    deleteDocument: (port) => port.deleteDocument("each", "d", signal),
    writeLease: async (port) => {
      const written = await port.writeLease("each", "l", claim, undefined, signal);
      await port.writeLease("each", "l", claim, written.kind === "written" ? written.version : "", signal);
    },
    readLease: (port) => port.readLease("each", "l", signal),
    deleteLease: async (port) => port.deleteLease("each", "l", (await port.readLease("each", "l", signal)).lease?.version ?? "", signal),
    listLabelled: async (port) => {
      for (const kind of ["Pod", "PersistentVolumeClaim", "Secret", "ConfigMap", "Job"] as const)
        await port.listLabelled("each", kind, {}, signal);
    },
    deleteObject: async (port) => {
      for (const kind of ["Pod", "PersistentVolumeClaim", "Secret", "ConfigMap", "Job"] as const)
        await port.deleteObject("each", kind, "none", signal);
    },
    deleteExactly: async (port) => {
      for (const kind of ["Pod", "PersistentVolumeClaim", "Secret", "ConfigMap", "Job"] as const)
        await port.deleteExactly("each", kind, { name: "none", uid: "u" }, signal);
    },
    absentObjects: (port) =>
      port.absentObjects(
        chartKinds.map(([apiVersion, kind]) => ({ apiVersion, kind, name: "none", namespace: "each" })),
        signal,
      ),
  };

  const workloads: Readonly<Record<keyof ClusterWorkloads, (port: ClusterWorkloads) => Promise<unknown>>> = {
    rollout: (port) => port.rollout(scope, signal),
    watch: async (port) => {
      const stop = new AbortController();
      port.watch(scope, () => undefined, stop.signal);
      await until("four watches", async () => (installer.api.seen.size === 4 ? true : undefined), { deadlineMs: 5_000 });
      stop.abort();
    },
    logTail: (port) => port.logTail("each", { pod: "p", container: "c", previous: false }, 5, signal),
    entryPoints: (port) => port.entryPoints(scope, signal),
    services: (port) => port.services(scope, signal),
    autoscalers: (port) => port.autoscalers(scope, signal),
    cronJobs: (port) => port.cronJobs(scope, signal),
    certificate: (port) => port.certificate("each", "tls", signal),
    helmRelease: (port) => port.helmRelease(scope, signal),
  };

  /** Only where something else is so: a cluster identity that is hidden, answers that get lost, a Gateway, a release of Helm. */
  const seldom = new Set([
    ...["clusterUid get configmaps", "writeDocument get configmaps", "writeLease get leases.coordination.k8s.io"],
    ...["entryPoints get gateways.gateway.networking.k8s.io", "helmRelease get secrets", "setSecret create secrets"],
    ...["deleteLease get leases.coordination.k8s.io", "createNamespace get namespaces"],
  ]);

  it.each(Object.keys(objectsRights) as (keyof ClusterObjects)[])("of the cluster's objects uses what it declares: %s", async (method) => {
    const used = await asked(() => objects[method](createClusterObjects(client)));
    const declared = namesOf(objectsRights[method]);
    const own = method === "deleteLease" ? new Set([...used].filter((right) => !right.startsWith("get "))) : used;
    expect([...own].filter((right) => !declared.has(right))).toEqual([]);
    expect([...declared].filter((right) => !used.has(right) && !seldom.has(`${method} ${right}`))).toEqual([]);
  });

  it.each(Object.keys(workloads) as (keyof typeof workloads)[])("of the workloads uses what it declares: %s", async (method) => {
    const used = await asked(() => workloads[method](createWorkloads(client, () => new Date())));
    const declared = namesOf(workloadsRights[method]);
    expect([...used].filter((right) => !declared.has(right))).toEqual([]);
    expect([...declared].filter((right) => !used.has(right) && !seldom.has(`${method} ${right}`))).toEqual([]);
  });

  it("of the tunnels uses what it declares, as this API server asks for it", async () => {
    const used = await asked(() => createTunnels(client.config).to({ namespace: "each", pod: "p", port: 1 }).connect(signal));
    expect(used).toEqual(new Set(["get pods/portforward"]));
    expect([...namesOf(tunnelRights)]).toContain("get pods/portforward");
  });

  it.each(Object.keys(runningPartsRights) as (keyof RunningParts)[])("of the running parts uses what it declares: %s", async (method) => {
    const calls: Readonly<Record<keyof RunningParts, (port: RunningParts) => Promise<unknown>>> = {
      parts: (port) => port.parts(scope, signal),
      schedules: (port) => port.schedules(scope, signal),
      pods: (port) => port.pods(scope, signal),
      scale: async (port) => {
        for (const kind of ["Deployment", "StatefulSet"] as const)
          await port.scale("each", { kind, name: "none" }, 0, signal).catch(() => undefined);
      },
      suspend: (port) => port.suspend("each", "none", true, signal),
      scalers: (port) => port.scalers(scope, signal),
      entrances: (port) => port.entrances(scope, signal),
      lead: (port) => port.lead("each", { service: "none", selector: { app: "x" }, targetPort: "http" }, signal),
      pauseScaler: (port) => port.pauseScaler("each", "none", true, signal),
    };
    // Without KEDA nothing of it is asked for.
    const declared = method === "scalers" ? new Set() : namesOf(runningPartsRights[method]);
    expect(await asked(() => calls[method](createRunningParts(client)))).toEqual(declared);
  });

  it("of objects that are made ahead of Helm uses what it declares", async () => {
    const early = createEarlyObjects(client, { release: "shop", namespace: "each" });
    const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    const made = { ServiceAccount: {}, ConfigMap: { data: {} }, PersistentVolumeClaim: { spec: claim } };
    const used = await asked(async () => {
      for (const [kind, rest] of Object.entries(made)) {
        const manifest = { apiVersion: "v1", kind, metadata: { name: "early" }, ...rest };
        for (let times = 0; times < 2; times += 1) await early.create(manifest, signal);
      }
    });
    expect(used).toEqual(namesOf(earlyObjectsRights.create));
  });

  it("of whole objects uses what it declares", async () => {
    const all = chartKinds.map(([apiVersion, kind]) => ({ apiVersion, kind, name: "none", namespace: "each" }));
    expect(await asked(() => createLiveObjects(client).read(all, signal))).toEqual(namesOf(liveObjectsRights.read));
  });

  it.each(Object.keys(dataClaimRights) as (keyof DataClaim)[])("of the data's claim uses what it declares: %s", async (method) => {
    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    const manifest = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data-postgres-0" }, spec };
    const calls: Readonly<Record<keyof DataClaim, (port: DataClaim) => Promise<unknown>>> = {
      exists: (port) => port.exists(signal),
      create: async (port) => [await port.create(manifest, signal), await port.create(manifest, signal)],
    };
    expect(await asked(() => calls[method](createDataClaim(client, scope)))).toEqual(namesOf(dataClaimRights[method]));
  });

  it.each(Object.keys(restorePodsRights) as (keyof RestorePods)[])("of the restore's pods uses what it declares: %s", async (method) => {
    await applyPrimary();
    const calls: Readonly<Record<keyof RestorePods, (port: RestorePods) => Promise<unknown>>> = {
      start: (port) => port.start({ id: "r1", args: ["restore", "r1"] }, signal),
      find: (port) => port.find("r1", signal),
      state: (port) => port.state("r1", signal),
      decide: (port) => port.decide("r1", "promote", signal),
      examine: (port) => port.examine("r1", "quick", signal),
      query: (port) => port.query("r1", "select 1", signal),
      remove: (port) => port.remove("r1", signal),
    };
    const used = await asked(() => calls[method](createRestorePods(client, createPodExec(client.config), scope)));
    // This API server asks for get alone; newer ones for create, too.
    expect(used).toEqual(new Set([...namesOf(restorePodsRights[method])].filter((right) => right !== "create pods/exec")));
  });

  it.each(Object.keys(scratchDatabasesRights) as (keyof ScratchDatabases)[])(
    "of the databases beside the primary uses what it declares: %s",
    async (method) => {
      await applyPrimary();
      const spec = { purpose: "preview", args: ["restore"], bytes: 1, seconds: 60, notes: {} } as const;
      const terminal = {
        keys: (async function* () {})(),
        show: async () => {},
        size: () => ({ columns: 80, rows: 24 }),
        onResize: () => () => {},
      };
      const calls: Readonly<Record<keyof ScratchDatabases, (port: ScratchDatabases) => Promise<unknown>>> = {
        start: (port) => port.start(spec, signal),
        find: async (port) => [await port.start(spec, signal), installer.api.seen.clear(), await port.find("preview", signal)],
        state: (port) => port.state("p", signal),
        examine: (port) => port.examine("p", signal),
        query: (port) => port.query("p", "select 1", signal),
        enter: (port) => port.enter("p", terminal, 5000, signal),
        remove: (port) => port.remove("preview", signal),
      };
      const used = await asked(() => calls[method](createScratchDatabases(client, createPodExec(client.config), scope)));
      expect(used).toEqual(new Set([...namesOf(scratchDatabasesRights[method])].filter((right) => right !== "create pods/exec")));
    },
  );

  it.each(Object.keys(releaseHealthRights) as (keyof ReleaseHealth)[])(
    "of a release's health uses what it declares: %s",
    async (method) => {
      const calls: Readonly<Record<keyof ReleaseHealth, (port: ReleaseHealth) => Promise<unknown>>> = {
        recorded: (port) => port.recorded(scope, signal),
        tlsSecrets: (port) => port.tlsSecrets(scope, signal),
        secretKeys: (port) => port.secretKeys("each", "none", signal),
        nodeStats: (port) => port.nodeStats(["none"], "each", signal),
        belongings: (port) => port.belongings(scope, signal),
      };
      // Helm's record is read only where there is one.
      const declared = [...namesOf(releaseHealthRights[method])].filter((right) => method !== "recorded" || right !== "get secrets");
      expect(await asked(() => calls[method](createReleaseHealth(client)))).toEqual(new Set(declared));
    },
  );

  it.each(Object.keys(releaseRecordsRights) as (keyof ReleaseRecords)[])("of Helm's record uses what it declares: %s", async (method) => {
    const release = Buffer.from(gzipSync(JSON.stringify({ manifest: "" })).toString("base64")).toString("base64");
    const kept = { metadata: { name: "sh.helm.release.v1.kept.v1" }, type: "helm.sh/release.v1", data: { release } };
    const make = { method: "POST", path: "/api/v1/namespaces/each/secrets", body: kept, signal } as const;
    await installer.plane.admin.request(make, z.unknown()).catch(() => undefined);
    const found = await createReleaseRecords(installer.plane.admin).manifests({ ...scope, release: "kept" }, 1, signal);
    const calls: Readonly<Record<keyof ReleaseRecords, (port: ReleaseRecords) => Promise<unknown>>> = {
      revisions: (port) => port.revisions(scope, signal),
      manifests: (port) => port.manifests({ ...scope, release: "kept" }, 1, signal),
      replaceManifests: (port) => port.replaceManifests({ ...scope, release: "kept" }, 1, "a: 1\n", found?.version ?? "", signal),
      served: (port) => port.served(signal),
    };
    expect(await asked(() => calls[method](createReleaseRecords(client)))).toEqual(namesOf(releaseRecordsRights[method]));
  });

  it("of the replicas uses what the place where pgBackRest runs does", async () => {
    const used = await asked(() => createReplicationState(client, createPodExec(client.config), scope).replication(signal));
    expect([...used]).toEqual(["list pods"]);
  });

  it("of the place where pgBackRest runs uses what it declares", async () => {
    const used = await asked(() => createBackupHost(client, createPodExec(client.config), scope).inspect(signal));
    expect([...used]).toEqual(["list pods"]);
    expect([...namesOf(backupHostRights)]).toEqual(["list pods", "get pods/exec", "create pods/exec"]);
  });

  it.each(["load", "empty"] as const)("of Redis' data uses what it declares: %s", async (method) => {
    const snapshot = { asOf: "2026-11-23T14:00:03Z", version: "7.0.15", keys: 1, bytes: 1, sha256: "0".repeat(64) };
    const port = createRedisData(client, createPodExec(client.config), scope);
    const used = await asked(() => (method === "load" ? port.load(snapshot, signal) : port.empty(signal)));
    expect([...used]).toEqual(["list pods"]);
    expect([...namesOf(redisDataRights)]).toEqual(["list pods", "get pods/exec", "create pods/exec"]);
  });

  it("of the facts tells what is denied, and asks for nothing that changes anything", async () => {
    await installer.grant(installRights(widest));
    const facts = kubernetesFacts(client);
    const used = await asked(() =>
      Promise.all([
        ...[facts.cluster(signal), facts.discovery(signal), facts.nodes(signal), facts.pods("each", signal), facts.storageClasses(signal)],
        ...[facts.storageCapacities(signal), facts.provisioners(signal), facts.volumes(signal), facts.ingressClasses(signal)],
        ...[facts.priorityClasses(signal), facts.namespace("each", signal), facts.quotas("each", signal), facts.limits("each", signal)],
        ...[
          facts.recordedApis(scope, signal),
          facts.helmRevisions("each", signal),
          facts.claims("each", signal),
          facts.rights("each", widest, signal),
        ],
      ]),
    );
    expect([...used].filter((right) => !/^(get|list) /.test(right))).toEqual([]);
    const rights = await facts.rights("each", widest, signal);
    expect(rights.kind === "known" && rights.value.filter(({ allowed }) => !allowed)).toEqual([]);
  });
});
