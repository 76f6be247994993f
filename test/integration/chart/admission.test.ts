import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { attemptInside, down, ensureToolchain, runInside, type SandboxDocument, up } from "../../sandbox/index.ts";
import { describeEachHelm } from "../helm/helms.ts";
import { workloads } from "./pods.ts";
import {
  chart,
  type KubernetesObject,
  objects,
  parseManifests,
  profiles,
  type Rendering,
  templateArguments,
  valuesArguments,
} from "./render.ts";

const name = "chart-admission";
let sandbox: SandboxDocument;

beforeAll(async () => {
  const toolchain = await ensureToolchain({ purposes: ["cluster", "bundle", "tests"] });
  await down(name);
  sandbox = await up({ name, cpus: 2, mode: "control-plane", toolchain });
}, 300_000);

afterAll(() => down(name));

async function restrictedNamespace(namespace: string): Promise<void> {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "latest" };
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } };
  await runInside(sandbox, ["kubectl", "create", "-f", "-"], { input: JSON.stringify(body) });
}

const list = (items: readonly unknown[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });

/** The pods that the controllers would make, claims and all, since a refusal of theirs shows in no dry run of the controller. */
function rehearsed(all: readonly KubernetesObject[], namespace: string): readonly unknown[] {
  return workloads(all).map(({ name: owner, template, claims }) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: owner, namespace, labels: template.metadata.labels },
    spec: {
      ...template.spec,
      volumes: [
        ...template.spec.volumes,
        ...claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: `${claim}-${owner}-0` } })),
      ],
    },
  }));
}

describe.each(profiles)("profile %s in a namespace that enforces Pod Security restricted", (profile) => {
  const namespace = `restricted-${profile}`;
  const rendering: Rendering = { values: { profile, scope: "cluster", "resourceQuota.enabled": true, "limitRange.enabled": true } };

  test("every object and every pod passes admission without a warning", async () => {
    await restrictedNamespace(namespace);
    const all = objects(rendering).map((object) => ({
      ...object,
      metadata: { ...object.metadata, ...(object.metadata.namespace === undefined ? {} : { namespace }) },
    }));
    const accounts = all.filter(({ kind }) => kind === "ServiceAccount");
    // A pod is refused whose account or priority class is not there: those are made, everything else is rehearsed.
    const first = [...accounts, ...all.filter(({ kind }) => kind === "PriorityClass")];
    await runInside(sandbox, ["kubectl", "apply", "-f", "-"], { input: list(first) });
    const rest = all.filter((object) => !first.includes(object));
    const { code, stdout, stderr } = await attemptInside(sandbox, ["kubectl", "create", "--dry-run=server", "-o", "name", "-f", "-"], {
      input: list([...rest, ...rehearsed(all, namespace)]),
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(rest.length + workloads(all).length);
  });
});

const secretsSchema = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string() }), data: z.record(z.string(), z.string()) })),
});

describeEachHelm("the chart without migratectl", ({ major, binary }) => {
  /** A namespace of this helm's own. */
  async function ownNamespace(name: string): Promise<string> {
    const own = `${name}-${major}`;
    await restrictedNamespace(own);
    return own;
  }

  // Helm asks for every object by itself and slows itself down to five requests a second unless it is told.
  const unhurried = { env: { HELM_QPS: "200", HELM_BURST_LIMIT: "400" } };
  const helm = (...args: readonly string[]) => runInside(sandbox, [binary, ...args], unhurried);
  const apply = (own: string, rendering: Rendering) =>
    helm("upgrade", "--install", "platform", chart, "-n", own, ...valuesArguments(rendering));

  async function secrets(own: string): Promise<Readonly<Record<string, unknown>>> {
    const ours = ["-l", "app.kubernetes.io/part-of=migrate-platform"];
    const text = await runInside(sandbox, ["kubectl", "get", "secrets", "-n", own, ...ours, "-o", "json"]);
    return Object.fromEntries(secretsSchema.parse(JSON.parse(text)).items.map(({ metadata, data }) => [metadata.name, data]));
  }

  test("keeps the generated secrets through upgrade, uninstall and another install", async () => {
    const own = await ownNamespace("secrets");
    const values = { "secrets.mode": "generate", "ingress.host": "migrate.client.example" };
    await apply(own, { values });
    const made = await secrets(own);
    expect(Object.keys(made).sort()).toEqual([
      "app-secrets",
      "backup-encryption",
      "migrate-platform-tls",
      "postgres-credentials",
      "redis-credentials",
    ]);
    await apply(own, { values: { ...values, profile: "standard" } });
    expect(await secrets(own)).toEqual(made);
    await helm("uninstall", "platform", "-n", own);
    expect(await secrets(own)).toEqual(made);
    await apply(own, { values });
    expect(await secrets(own)).toEqual(made);
  });

  test.each(profiles)(
    "applies byte for byte what helm template prints of profile %s, when the secrets are there already",
    async (profile) => {
      const own = await ownNamespace(`existing-${profile}`);
      const rendering = { values: { profile }, namespace: own, kubeVersion: sandbox.kubernetesVersion };
      const printed = await helm(...templateArguments(rendering));
      await apply(own, rendering);
      expect((await helm("get", "manifest", "platform", "-n", own)).trim()).toBe(printed.trim());
    },
  );

  test("applies the objects that helm template prints, but for what it generates", async () => {
    const own = await ownNamespace("generated");
    const values = { "secrets.mode": "generate", "ingress.host": "migrate.client.example" };
    const rendering = { values, namespace: own, kubeVersion: sandbox.kubernetesVersion };
    await apply(own, rendering);
    const applied = parseManifests(await helm("get", "manifest", "platform", "-n", own));
    const printed = parseManifests(await helm(...templateArguments(rendering)));
    const withoutData = (all: readonly KubernetesObject[]) =>
      all.map((object) => (object.kind === "Secret" ? { ...object, data: Object.keys(object["data"] ?? {}) } : object));
    expect(withoutData(applied)).toEqual(withoutData(printed));
    expect(applied.filter(({ kind }) => kind === "Secret")).toHaveLength(5);
  });

  test("makes another certificate when the host is another, and no other one", async () => {
    const own = await ownNamespace("certificate");
    const certificate = async (host: string) => {
      await apply(own, { values: { "secrets.mode": "generate", "ingress.host": host } });
      const text = await runInside(sandbox, ["kubectl", "get", "secret", "migrate-platform-tls", "-n", own, "-o", "json"]);
      const pem = z.object({ data: z.object({ "tls.crt": z.string() }) }).parse(JSON.parse(text)).data["tls.crt"];
      return new X509Certificate(Buffer.from(pem, "base64"));
    };
    const first = await certificate("one.client.example");
    expect(first.checkHost("one.client.example")).toBeDefined();
    expect((await certificate("one.client.example")).fingerprint256).toBe(first.fingerprint256);
    const other = await certificate("two.client.example");
    expect(other.checkHost("two.client.example")).toBeDefined();
    expect(other.checkHost("one.client.example")).toBeUndefined();
  });
});
