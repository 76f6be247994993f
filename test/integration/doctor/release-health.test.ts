import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createReleaseHealth } from "../../../src/adapters/kubernetes/release-health/release-health.ts";
import { certificates } from "../../../src/adapters/node/certificates.ts";
import type { ReleaseHealth } from "../../../src/ports/release-health.ts";
import { ControlPlane } from "../../contract/facts/control-plane.ts";

const scope = { release: "shop-platform", namespace: "doctor" };
const signal = AbortSignal.timeout(120_000);
const canary = "canary-4711";
const instance = { "app.kubernetes.io/instance": scope.release };
const ours = { "app.kubernetes.io/managed-by": "migratectl" };

let plane: ControlPlane;
let health: ReleaseHealth;
beforeAll(async () => {
  plane = await ControlPlane.start("doctor");
  health = createReleaseHealth(plane.admin);
  await put("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: scope.namespace } });
}, 180_000);
afterAll(() => plane?.stop());

interface Manifest {
  readonly metadata: { readonly name: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

/** Applies an object. */
async function put(collection: string, body: Manifest): Promise<void> {
  const path = `${collection}/${body.metadata.name}`;
  const contentType = "application/apply-patch+yaml";
  await plane.admin.request({ method: "PATCH", path, query: { fieldManager: "test" }, contentType, body, signal }, z.unknown());
}

const core = `/api/v1/namespaces/${scope.namespace}`;
const batch = `/apis/batch/v1/namespaces/${scope.namespace}`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const secret = (name: string, type: string, data: Readonly<Record<string, string>>, labels: object = instance) =>
  put(`${core}/secrets`, {
    ...{ apiVersion: "v1", kind: "Secret", type, metadata: { name, labels } },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
  });

describe("the health of a release, from a real API server", () => {
  it("tells the keys of a Secret and never a value", async () => {
    await secret("app-secrets", "Opaque", { "secret-key": canary, "jwt-secret": canary });
    expect(await health.secretKeys(scope.namespace, "app-secrets", signal)).toEqual({ kind: "known", value: ["jwt-secret", "secret-key"] });
    expect(await health.secretKeys(scope.namespace, "none", signal)).toEqual({ kind: "known", value: undefined });
  });

  it("tells the release's TLS Secrets by their type", async () => {
    const { certificate, key } = await certificates.selfSigned("a.example", new Date(), 30);
    await secret("shop-tls", "kubernetes.io/tls", { "tls.crt": certificate, "tls.key": key });
    await secret("not-ours", "kubernetes.io/tls", { "tls.crt": certificate, "tls.key": key }, {});
    await secret("other", "Opaque", { a: canary });
    expect(await health.tlsSecrets(scope, signal)).toEqual({ kind: "known", value: ["shop-tls"] });
  });

  it("tells what Helm's newest record holds", async () => {
    expect(await health.recorded(scope, signal)).toEqual({ kind: "known", value: undefined });
    for (const [version, name] of [
      ["1", "old"],
      ["2", "new"],
    ] as const) {
      const manifest = `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} }, data: { a: ${canary} } }`;
      const payload = gzipSync(JSON.stringify({ manifest })).toString("base64");
      const labels = { owner: "helm", name: scope.release, version };
      await secret(`sh.helm.release.v1.${scope.release}.v${version}`, "helm.sh/release.v1", { release: payload }, labels);
    }
    const objects = [{ kind: "ConfigMap", name: "new" }];
    expect(await health.recorded(scope, signal)).toEqual({ kind: "known", value: { objects, containers: [] } });
  });

  it("finds what carries the release's labels and what migratectl keeps, with when it ends and whether it has an owner", async () => {
    await put(`${core}/configmaps`, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "migratectl-journal", labels: ours } });
    const foreign = { ...ours, "app.kubernetes.io/instance": "another" };
    await put(`${core}/configmaps`, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "foreign", labels: foreign } });
    const spec = {
      activeDeadlineSeconds: 60,
      template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "none.invalid/none" }] } },
    };
    await put(`${batch}/jobs`, {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "preview", labels: { ...instance, ...ours } },
      spec,
    });
    const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    const owner = { apiVersion: "v1", kind: "Pod", name: "p", uid: "2f1d1c7e-0000-4000-8000-000000000001" };
    const metadata = { name: "scratch", labels: instance, ownerReferences: [owner] };
    await put(`${core}/persistentvolumeclaims`, { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: claim });
    const found = await health.belongings(scope, signal);
    const objects = found.kind === "known" ? found.value : [];
    expect(objects.map(({ kind, name, managedBy, owned, ended }) => [kind, name, managedBy, owned, ended])).toEqual([
      ["Job", "preview", "migratectl", false, false],
      ["ConfigMap", "migratectl-journal", "migratectl", false, false],
      ["PersistentVolumeClaim", "scratch", "", true, false],
    ]);
    const [job] = objects;
    expect((job?.endsBy?.getTime() ?? 0) - (job?.createdAt.getTime() ?? 0)).toBe(60_000);
  });

  it("tells a node that does not answer, and asks no kubelet of none", async () => {
    expect(await health.nodeStats([], scope.namespace, signal)).toEqual({
      kind: "known",
      value: { claims: [], containers: [], silent: [] },
    });
    expect(await health.nodeStats(["nowhere"], scope.namespace, signal)).toMatchObject({ kind: "known", value: { silent: ["nowhere"] } });
  });
});
