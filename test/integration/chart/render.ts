import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

/** The chart under test. */
export const chart = join(import.meta.dirname, "../../../templates/chart");

/** The sizing profiles of the chart, from the smallest. */
export const profiles = ["trial", "small", "standard", "large"] as const;

/** Any rendered object, as far as every kind has it. */
const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});

/** Any rendered object. */
export type KubernetesObject = Readonly<z.infer<typeof objectSchema>>;

/** Values by dotted path, as --set-json takes them. */
export type Values = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What `helm template` is told: values, with the registry and mode existing unless they say otherwise. */
export interface Rendering {
  readonly values?: Values;
  readonly apiVersions?: readonly string[];
  readonly kubeVersion?: string;
  /** Where the release is to live; `client` unless it is said. */
  readonly namespace?: string;
}

/** The registry that every test renders for. */
export const registry = "registry.client.example:5000/platform";

function helmBinary(): string {
  const built = join(homedir(), ".cache/migratectl-sandbox/bin/helm");
  return process.env["MIGRATECTL_HELM"] ?? (existsSync(built) ? built : "helm");
}

/** What tells helm the values of a rendering, for install as for template. */
export function valuesArguments({ values = {} }: Rendering): readonly string[] {
  const all = { "image.registry": registry, "secrets.mode": "existing", ...values };
  return Object.entries(all).flatMap(([key, value]) => ["--set-json", `${key}=${JSON.stringify(value)}`]);
}

/** What `helm template` is told, after the program's name. */
export function templateArguments(rendering: Rendering): readonly string[] {
  return ["template", "platform", chart, ...argumentsOf(rendering)];
}

function argumentsOf(rendering: Rendering): readonly string[] {
  const { apiVersions = [], kubeVersion = "v1.34.4", namespace = "client" } = rendering;
  return [
    "--namespace",
    namespace,
    ...valuesArguments(rendering),
    ...apiVersions.flatMap((version) => ["--api-versions", version]),
    "--kube-version",
    kubeVersion,
  ];
}

/** Runs helm on the chart; status and both streams, whatever came of it. */
export function helm(args: readonly string[]): { readonly status: number; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr, error } = spawnSync(helmBinary(), [...args], { encoding: "utf8", maxBuffer: 64 << 20 });
  if (error !== undefined) throw error;
  return { status: status ?? 1, stdout, stderr };
}

/** What helm says when it refuses these values. @throws Error when it accepts them */
export function refusal(rendering: Rendering): string {
  const { status, stderr } = helm(templateArguments(rendering));
  if (status === 0) throw new Error("helm accepted the values");
  return stderr;
}

/** The manifests as helm prints them. */
export function manifests(rendering: Rendering = {}): string {
  return execFileSync(helmBinary(), [...templateArguments(rendering)], { encoding: "utf8", maxBuffer: 64 << 20 });
}

/** `helm lint --strict` of the chart with these values. */
export function lint(rendering: Rendering): ReturnType<typeof helm> {
  return helm(["lint", "--strict", chart, ...argumentsOf(rendering)]);
}

const rendered = new Map<string, readonly KubernetesObject[]>();

/** The rendered objects; equal renderings are made once per test file. */
export function objects(rendering: Rendering = {}): readonly KubernetesObject[] {
  const key = JSON.stringify(rendering);
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const made = parseManifests(manifests(rendering));
  rendered.set(key, made);
  return made;
}

/** The objects of a stream of manifests. */
export function parseManifests(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as unknown)
    .filter((value) => value !== null)
    .map((value) => objectSchema.parse(value));
}

/** Every optional part asked for, on a cluster that has all their APIs. */
export const everything: Rendering = {
  values: {
    profile: "standard",
    scope: "cluster",
    "secrets.mode": "external",
    "secrets.external.storeName": "vault",
    "llm.baseUrl": "https://llm.example/v1",
    "llm.hosts": ["llm.example"],
    "networkPolicy.llm.cidrs": ["203.0.113.0/24"],
    "networkPolicy.monitoringNamespace": "monitoring",
    "networkPolicy.cilium": true,
    "ingress.host": "migrate.client.example",
    "ingress.className": "public",
    "ingress.kind": "gateway",
    "ingress.tls.mode": "cert-manager",
    "ingress.tls.issuer.name": "letsencrypt",
    "keda.enabled": true,
    "serviceMonitor.enabled": true,
    "prometheusRule.enabled": true,
    "grafanaDashboards.enabled": true,
    "istio.enabled": true,
    "gatekeeper.enabled": true,
    "falco.enabled": true,
    "resourceQuota.enabled": true,
    "limitRange.enabled": true,
  },
  apiVersions: [
    "keda.sh/v1alpha1",
    "monitoring.coreos.com/v1",
    "gateway.networking.k8s.io/v1",
    "cert-manager.io/v1",
    "cilium.io/v2",
    "external-secrets.io/v1",
    "networking.istio.io/v1",
    "templates.gatekeeper.sh/v1",
    "constraints.gatekeeper.sh/v1beta1/MigratePlatformRegistry",
  ],
};
