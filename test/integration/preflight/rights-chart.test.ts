import { describe, expect, it } from "vitest";
import { z } from "zod";
import { helmRights } from "../../../src/adapters/helm/rights.ts";
import { answersSchema } from "../../../src/domain/answers/answers.ts";
import { type InstallMode, installMode } from "../../../src/domain/facts/install-mode.ts";
import { rightName } from "../../../src/domain/facts/rights.ts";
import { manifests, type Values } from "../chart/render.ts";

describe("the rights that helm is said to use", () => {
  const plurals: Readonly<Record<string, string>> = {
    Ingress: "ingresses",
    NetworkPolicy: "networkpolicies",
    PriorityClass: "priorityclasses",
  };
  const objectSchema = z.object({ apiVersion: z.string(), kind: z.string() });

  /** Resources of everything that the chart makes of these values. */
  function made(values: Values, apiVersions: readonly string[] = []): ReadonlySet<string> {
    const found = manifests({ values, apiVersions }).matchAll(/^apiVersion: (.+)\nkind: (.+)$/gm);
    return new Set(
      [...found].map(([, apiVersion, kind]) => {
        const object = objectSchema.parse({ apiVersion, kind });
        const group = object.apiVersion.includes("/") ? `.${object.apiVersion.split("/")[0]}` : "";
        return `${plurals[object.kind] ?? (/[^aeiou]y$/.test(object.kind) ? `${object.kind.toLowerCase().slice(0, -1)}ies` : `${object.kind.toLowerCase()}s`)}${group}`;
      }),
    );
  }

  const usual: InstallMode = installMode(answersSchema.parse({ version: "migratectl/v2", registry: { host: "r.example" } }), false);
  it.each<[string, Values, readonly string[], Partial<InstallMode>]>([
    ["the trial profile", { profile: "trial" }, [], {}],
    ["the small profile", { profile: "small" }, [], {}],
    ["the standard profile", { profile: "standard" }, [], {}],
    ["the large profile", { profile: "large" }, [], {}],
    ["cluster scope", { scope: "cluster" }, [], { scope: "cluster" }],
    ["a Gateway", { "ingress.kind": "gateway", "ingress.className": "x" }, ["gateway.networking.k8s.io/v1"], { ingress: "gateway" }],
    ["Routes", { "ingress.kind": "route" }, ["route.openshift.io/v1"], { ingress: "route" }],
    ["KEDA", { "keda.enabled": true }, ["keda.sh/v1alpha1"], { keda: true }],
    [
      "a certificate of cert-manager",
      { "ingress.tls.mode": "cert-manager", "ingress.tls.issuer.name": "x", "ingress.host": "h.example" },
      ["cert-manager.io/v1"],
      { certManager: true },
    ],
    ["monitors", { "serviceMonitor.enabled": true }, ["monitoring.coreos.com/v1"], { serviceMonitor: true }],
  ])("cover everything that the chart makes with %s", (_, values, apiVersions, more) => {
    const covered = new Set(helmRights({ ...usual, ...more }).map((right) => rightName(right).replace(/^\w+ /, "")));
    const all = made(values, apiVersions);
    expect(all.size).toBeGreaterThan(8);
    expect([...all].filter((resource) => !covered.has(resource))).toEqual([]);
  });
});
