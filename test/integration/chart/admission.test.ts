import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { attemptInside, down, ensureToolchain, runInside, type SandboxDocument, up } from "../../sandbox/index.ts";
import { workloads } from "./pods.ts";
import { chart, type KubernetesObject, manifests, objects, profiles, type Rendering, registry } from "./render.ts";

const name = "chart-admission";
let sandbox: SandboxDocument;

beforeAll(async () => {
  const toolchain = await ensureToolchain({ purposes: ["cluster", "tests"] });
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

describe("plain helm", () => {
  const namespace = "plain-helm";
  const secretsSchema = z.object({
    items: z.array(z.object({ metadata: z.object({ name: z.string() }), data: z.record(z.string(), z.string()) })),
  });

  const secrets = async (): Promise<Readonly<Record<string, unknown>>> => {
    const text = await runInside(sandbox, [
      "kubectl",
      "get",
      "secrets",
      "-n",
      namespace,
      "-l",
      "app.kubernetes.io/part-of=migrate-platform",
      "-o",
      "json",
    ]);
    return Object.fromEntries(secretsSchema.parse(JSON.parse(text)).items.map(({ metadata, data }) => [metadata.name, data]));
  };

  test("keeps the generated secrets through upgrade, uninstall and another install", async () => {
    await restrictedNamespace(namespace);
    const values = ["-n", namespace, "--set", `image.registry=${registry}`, "--set", "ingress.host=migrate.client.example"];
    await runInside(sandbox, ["helm", "install", "platform", chart, ...values]);
    const made = await secrets();
    expect(Object.keys(made).sort()).toEqual(["app-secrets", "migrate-platform-tls", "postgres-credentials", "redis-credentials"]);
    await runInside(sandbox, ["helm", "upgrade", "platform", chart, ...values, "--set", "profile=standard"]);
    expect(await secrets()).toEqual(made);
    await runInside(sandbox, ["helm", "uninstall", "platform", "-n", namespace]);
    expect(await secrets()).toEqual(made);
    await runInside(sandbox, ["helm", "install", "platform", chart, ...values]);
    expect(await secrets()).toEqual(made);
  });

  test("applies byte for byte what helm template printed, when the secrets are there already", async () => {
    await restrictedNamespace("client");
    const values = ["--set", `image.registry=${registry}`, "--set", "secrets.mode=existing"];
    await runInside(sandbox, ["helm", "install", "platform", chart, "-n", "client", ...values]);
    const applied = await runInside(sandbox, ["helm", "get", "manifest", "platform", "-n", "client"]);
    expect(applied.trim()).toBe(manifests({ kubeVersion: sandbox.kubernetesVersion }).trim());
  });
});
