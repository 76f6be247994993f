import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { diffPresenter } from "../../../src/cli/presenters/diff.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import type { ManagedFields } from "../../../src/domain/diff/managed-fields.ts";
import type { ManifestObject } from "../../../src/domain/manifest/objects.ts";
import { type DiffResult, diff } from "../../../src/workflow/diff/diff.ts";
import { FakeHelm } from "../../fakes/fake-helm.ts";
import { FakeLiveObjects } from "../../fakes/fake-live-objects.ts";

const scope = { release: "shop", namespace: "shop" };
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const yaml = (objects: readonly object[]) => objects.map((object) => stringify(object)).join("---\n");

interface Variant {
  readonly version?: string;
  readonly image?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly checksum?: string;
  readonly replicas?: number;
}

function deployment({ version = "1.0.0", image = "a", env = { LOG: "info" }, checksum = "1", replicas = 2 }: Variant = {}) {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "backend", labels: { app: "backend", "app.kubernetes.io/version": version, "helm.sh/chart": `x-${version}` } },
    spec: {
      replicas,
      selector: { matchLabels: { app: "backend" } },
      template: {
        metadata: { labels: { app: "backend" }, annotations: { "checksum/config": checksum } },
        spec: {
          containers: [
            {
              name: "backend",
              image: `r.example/platform/backend:${version}@${digest(image)}`,
              env: Object.entries(env).map(([name, value]) => ({ name, value })),
              resources: { limits: { cpu: "1000m" } },
            },
          ],
        },
      },
    },
  };
}

const configMap = (name: string, data: object = {}, annotations: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, annotations },
  data,
});

/** An installed release, its objects in the cluster as they were applied, and what is wanted now. */
async function compared(
  installed: readonly object[],
  options: {
    readonly wanted?: readonly object[];
    readonly live?: (live: FakeLiveObjects, objects: readonly object[]) => void;
  } = {},
): Promise<DiffResult> {
  const helm = new FakeHelm(() => yaml(installed));
  await helm.apply({ ...scope, chart: "c", values: "", kubeVersion: "v1.34.4", apiVersions: [] });
  const live = new FakeLiveObjects();
  live.apply(yaml(installed), scope.namespace);
  options.live?.(live, installed);
  const wanted = options.wanted === undefined ? undefined : { version: "1.1.0", manifests: yaml(options.wanted) };
  return diff({ helm, live }, { scope, wanted }, AbortSignal.timeout(5000));
}

const reference = (kind: string, name: string) => ({ apiVersion: kind === "Deployment" ? "apps/v1" : "v1", kind, name, namespace: "shop" });
const text = (result: DiffResult, columns?: number) => diffPresenter.text({ ...result, profile: "small" }, createStyle(false, columns));
const json = (result: DiffResult) =>
  diffPresenter.schema.parse(diffPresenter.json({ ...result, profile: "small" })) as ReturnType<JSON["parse"]>;

describe("what a release would change", () => {
  it("is told object by object, with what would restart at the end", async () => {
    const keep = { "helm.sh/resource-policy": "keep" };
    const result = await compared([deployment(), configMap("old"), configMap("data", {}, keep), configMap("same", { a: "1" })], {
      wanted: [
        deployment({ version: "1.1.0", image: "b", checksum: "2", env: { LOG: "info", NEW: "1" } }),
        configMap("same", { a: "1" }),
        configMap("new"),
      ],
    });
    expect(text(result)).toBe(`Diff: shop in namespace shop, profile small
installed  1.0.0, revision 1, deployed
compared   with 1.1.0
changes    1 added, 1 removed, 1 kept, 1 changed
drift      none of 4 objects

Would change

~ Deployment/backend
    ~  spec.template.spec.containers[backend].image     r.example/platform/backend sha256:aaaaaaaaaaaa… -> sha256:bbbbbbbbbbbb…
    +  spec.template.spec.containers[backend].env[NEW]  {"name":"NEW","value":"1"}
    3 more labels of the version or checksums
+ ConfigMap/new
- ConfigMap/old
~ ConfigMap/data  no longer of the release; Helm keeps it (helm.sh/resource-policy)

Pods of 1 workload would restart
  Deployment/backend  metadata.annotations["checksum/config"], spec.containers[backend].image, spec.containers[backend].env[NEW]`);
    expect(json(result)).toMatchObject({ counts: { added: 1, removed: 1, kept: 1, changed: 1 }, changes: [{ incidental: 3 }, {}, {}, {}] });
  });

  it("restarts nothing where only replicas or labels of the object change, or somebody replaces the pods by hand", async () => {
    const result = await compared([deployment()], { wanted: [deployment({ version: "1.0.0", replicas: 3 })] });
    expect(text(result)).toMatch(/spec\.replicas {2}2 -> 3\n\nNo pod would restart$/);
    const byHand = (image: string) => {
      const object = deployment({ image });
      return { ...object, kind: "StatefulSet", spec: { ...object.spec, updateStrategy: { type: "OnDelete" } } };
    };
    expect((await compared([byHand("a")], { wanted: [byHand("b")] })).changes).toMatchObject({
      objects: [{ kind: "changed" }],
      restarts: [],
    });
  });

  it("shows the lines of a text that change", async () => {
    const config = (level: string) => configMap("config", { "app.conf": `[log]\nlevel = ${level}\nformat = json\n` });
    expect(text(await compared([config("info")], { wanted: [config("debug")] }))).toContain(
      '    ~  data["app.conf"]\n         - level = info\n         + level = debug\n',
    );
  });

  it("knows an object again in another version of its API, and in a List; leaves out Helm's hooks", async () => {
    const pdb = (version: string) => ({
      apiVersion: `policy/${version}`,
      kind: "PodDisruptionBudget",
      metadata: { name: "p", namespace: "shop" },
    });
    const hook = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "h", annotations: { "helm.sh/hook": "pre-upgrade" } } };
    const list = { apiVersion: "v1", kind: "List", items: [pdb("v1"), configMap("a")] };
    const result = await compared([pdb("v1beta1"), configMap("a")], { wanted: [list, hook] });
    expect(result.changes?.objects).toMatchObject([{ kind: "changed", fields: [{ path: ["apiVersion"] }] }]);
  });

  it("is everything where nothing is installed; without a release there is nothing to compare", async () => {
    const ports = { helm: new FakeHelm(() => ""), live: new FakeLiveObjects() };
    const wanted = { version: "1.0.0", manifests: yaml([configMap("a")]) };
    const result = await diff(ports, { scope, wanted }, AbortSignal.timeout(5000));
    expect(text(result)).toContain("installed  nothing\ncompared   with 1.0.0\nchanges    1 added\n\n");
    await expect(diff(ports, { scope, wanted: undefined }, AbortSignal.timeout(5000))).rejects.toMatchObject({
      code: "STATUS_NOT_INSTALLED",
    });
  });
});

describe("what drifted", () => {
  const edit: ManagedFields = {
    manager: "kubectl-edit",
    operation: "Update",
    time: "2026-11-25T03:00:00Z",
    fields: { "f:spec": { "f:replicas": {} } },
  };

  it("is told with both values and who it was", async () => {
    const result = await compared([deployment(), configMap("gone"), { ...configMap("hidden"), kind: "Secret" }], {
      live: (live) => {
        live.put(reference("Deployment", "backend"), deployment({ replicas: 5, env: { OTHER: "x" } }), [edit]);
        live.remove(reference("ConfigMap", "gone"));
        live.hiddenKinds.add("Secret");
      },
    });
    expect(text(result)).toBe(`Diff: shop in namespace shop, profile small
installed  1.0.0, revision 1, deployed
drift      1 drifted, 1 gone, 1 unknown of 3 objects

Changed in the cluster since revision 1

~ Deployment/backend
    ~  spec.replicas                                    should be 2, is 5
         by kubectl-edit (Update), 2026-11-25 03:00 UTC
    -  spec.template.spec.containers[backend].env[LOG]  should be {"name":"LOG","value":"info"}, is not there
         nobody owns it
- ConfigMap/gone  is gone
? Secret/hidden  the right to get secrets is missing

fix  To have it as the manifests say again: migratectl install --take-over-conflicts, with the bundle and the answers of the installed release`);
    expect(json(result).drift[0].fields[0]).toEqual({
      ...{ path: "spec.replicas", masked: false, manifest: 2, live: 5 },
      owner: { manager: "kubectl-edit", operation: "Update", time: "2026-11-25T03:00:00Z" },
    });
  });

  it("is not what the cluster adds or writes in another form, nor its state", async () => {
    const result = await compared([deployment()], {
      live: (live) => {
        const seen = structuredClone(deployment()) as ManifestObject & ReturnType<typeof deployment>;
        Object.assign(seen.spec.template.spec.containers[0] ?? {}, { resources: { limits: { cpu: "1" } }, imagePullPolicy: "Always" });
        live.put(reference("Deployment", "backend"), { ...seen, status: { replicas: 7 } });
      },
    });
    expect(result.drift).toEqual([]);
    expect(text(result)).toContain("drift      none of 1 object");
  });

  it.each(["HorizontalPodAutoscaler", "ScaledObject"])("is not the number of pods that a %s decides", async (kind) => {
    const group = kind === "ScaledObject" ? "keda.sh/v1alpha1" : "autoscaling/v2";
    const scaler = { apiVersion: group, kind, metadata: { name: "b" }, spec: { scaleTargetRef: { kind: "Deployment", name: "backend" } } };
    const live = (seen: FakeLiveObjects) => seen.put(reference("Deployment", "backend"), deployment({ replicas: 9 }));
    expect((await compared([deployment(), scaler], { live })).drift).toEqual([]);
    expect((await compared([deployment()], { live })).drift).toHaveLength(1);
  });

  it("is not the absence of a Job that clears itself away", async () => {
    const job = (name: string, spec: object) => ({ apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec });
    const objects = [job("passing", { ttlSecondsAfterFinished: 600 }), job("staying", {})];
    const live = (seen: FakeLiveObjects) => {
      for (const name of ["passing", "staying"]) seen.remove({ apiVersion: "batch/v1", kind: "Job", name, namespace: "shop" });
    };
    expect((await compared(objects, { live })).drift).toMatchObject([{ kind: "gone", object: { name: "staying" } }]);
  });

  it("of 300 objects is found in every one of them", async () => {
    const many = Array.from({ length: 300 }, (_, index) => {
      const object = deployment();
      return { ...object, metadata: { ...object.metadata, name: `d-${index}` } };
    });
    const result = await compared(many, {
      wanted: many.map((object) => ({ ...object, spec: { ...object.spec, replicas: 4 } })),
      live: (live) => {
        for (const object of many)
          live.put(reference("Deployment", object.metadata.name), { ...object, spec: { ...object.spec, replicas: 3 } }, [edit]);
      },
    });
    expect(json(result).counts).toMatchObject({ changed: 300, drifted: 300 });
    expect(result.drift.flatMap((one) => (one.kind === "drifted" ? one.fields.map(({ owner }) => owner?.manager) : []))).toEqual(
      many.map(() => "kubectl-edit"),
    );
  });
});

describe("a secret", () => {
  const canary = (n: number) => `canary-${n}-secret`;
  const base64 = (value: string) => Buffer.from(value).toString("base64");
  const secret = (data: object, stringData?: object, annotations: object = {}) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", annotations },
    data,
    ...(stringData === undefined ? {} : { stringData }),
  });

  it("is shown nowhere: neither of Secrets, nor of variables, settings and addresses, in no report", async () => {
    const applied = (n: number) => ({ "kubectl.kubernetes.io/last-applied-configuration": base64(canary(n)) });
    const env = (n: number) => ({ DB_PASSWORD: canary(n), URL: `redis://user:${canary(n)}@redis/0`, [`TOKEN_${n}`]: canary(n) });
    const config = (n: number) =>
      configMap("c", { "api-key": canary(n), "redis.conf": `port 1\nrequirepass ${canary(n)}\n`, text: `a\npassword: ${canary(n)}\n` });
    const objects = (n: number) => [
      secret({ a: base64(canary(n)), [`only-${n}`]: base64(canary(n)) }, { b: canary(n) }, applied(n)),
      deployment({ env: env(n) }),
      config(n),
    ];
    const result = await compared(objects(1), {
      wanted: [...objects(2), { ...secret({ x: base64(canary(2)) }), metadata: { name: "new" } }],
      live: (live) => {
        const [changed, pods, settings] = objects(3);
        live.put(reference("Secret", "s"), changed as ManifestObject);
        live.put(reference("Deployment", "backend"), pods as unknown as ManifestObject);
        live.put(reference("ConfigMap", "c"), settings as unknown as ManifestObject);
      },
    });
    const shown = [text(result), text(result, 60), JSON.stringify(json(result)), JSON.stringify(result)];
    for (const one of shown)
      for (const n of [1, 2, 3]) {
        expect(one).not.toContain(canary(n));
        expect(one).not.toContain(base64(canary(n)).slice(0, 12));
      }
    expect(json(result).changes[0].fields).toEqual([
      { path: 'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]', change: "changed", masked: true },
      { path: "data.a", change: "changed", masked: true },
      { path: "data.only-1", change: "removed", masked: true },
      { path: "data.b", change: "changed", masked: true },
      { path: "data.only-2", change: "added", masked: true },
    ]);
    expect(text(result)).toContain("~  data.b");
    expect(json(result).drift).toHaveLength(3);
  });

  it("is the same whether it is given as text or in base64", async () => {
    const result = await compared([secret({}, { a: canary(1) })], {
      wanted: [secret({ a: `${base64(canary(1)).slice(0, 4)}\n${base64(canary(1)).slice(4)}` })],
      live: (live) => live.put(reference("Secret", "s"), secret({ a: base64(canary(1)) })),
    });
    expect([result.changes?.objects, result.drift]).toEqual([[], []]);
  });
});

describe("the report on a narrow terminal", () => {
  it("has a value below its path, and shows no control characters", async () => {
    const result = await compared([configMap("a", { key: "x" })], {
      live: (live) => live.put(reference("ConfigMap", "a"), configMap("a", { key: "\u001b[31m" })),
    });
    expect(text(result, 40)).toContain('    ~  data.key\n         should be x, is "\\u001b[31m"\n');
  });
});
