import { describe, expect, it } from "vitest";
import { rights as check } from "../../../preflight/rights.ts";
import { installRights } from "../../../src/adapters/kubernetes/install-rights.ts";
import { type AnswersInput, answersSchema } from "../../../src/domain/answers/answers.ts";
import { installMode } from "../../../src/domain/facts/install-mode.ts";
import { distinct, helpful, type RightFact, rightName, vital } from "../../../src/domain/facts/rights.ts";
import { known } from "../../../src/domain/reading.ts";
import { goodFacts, input } from "../preflight/good.ts";

const answers = (more: Partial<AnswersInput> = {}) =>
  answersSchema.parse({ version: "migratectl/v2", registry: { host: "r.example" }, ...more });
const names = (more: Partial<AnswersInput> = {}, createsNamespace = false) =>
  installRights(installMode(answers(more), createsNamespace)).map(rightName);
const resources = (more: Partial<AnswersInput> = {}) => new Set(names(more).map((name) => name.split(" ")[1]));

describe("rights in kubectl's words", () => {
  it("are read with several verbs, a group and a subresource", () => {
    expect(vital("x", "get,create pods/portforward", "list replicasets.apps").map((right) => [right, rightName(right)])).toEqual([
      [expect.objectContaining({ verb: "get", group: "", resource: "pods/portforward", scope: "namespace" }), "get pods/portforward"],
      [expect.objectContaining({ verb: "create", resource: "pods/portforward" }), "create pods/portforward"],
      [expect.objectContaining({ verb: "list", group: "apps", resource: "replicasets" }), "list replicasets.apps"],
    ]);
  });

  it.each(["pods", "get", "GET pods", "get pods extra", ""])("are no rights when they are not: %j", (words) => {
    expect(() => vital("x", words)).toThrow(RangeError);
  });

  it("are each asked about once, and vital when they are vital to anything", () => {
    const all = distinct([...helpful("a", "get secrets"), ...vital("b", "get secrets"), ...helpful("c", "list events")]);
    expect(all.map(({ purpose, vital: needed }) => [purpose, needed])).toEqual([
      ["b", true],
      ["c", false],
    ]);
  });
});

describe("the rights of an installation", () => {
  it("hold what was found out too late before: tunnels, the Lease's end, ReplicaSets", () => {
    expect(names()).toEqual(
      expect.arrayContaining([
        "create pods/portforward",
        "get pods/portforward",
        "delete leases.coordination.k8s.io",
        "list replicasets.apps",
      ]),
    );
  });

  it("are for the way in that the answers choose", () => {
    const gateways = "gateways.gateway.networking.k8s.io";
    expect([...resources()]).toContain("ingresses.networking.k8s.io");
    expect(names({ ingress: { kind: "route" } })).toContain("create routes.route.openshift.io");
    expect(names({ ingress: { kind: "route" } })).not.toContain("create ingresses.networking.k8s.io");
    expect(names({ ingress: { kind: "gateway" } })).toContain(`create ${gateways}`);
    expect(names({ ingress: { kind: "gateway" }, values: { ingress: { gateway: { name: "shared" } } } })).not.toContain(
      `create ${gateways}`,
    );
    expect(names({ ingress: { enabled: false } }).filter((name) => /^create (ingress|httproute|gateway|route)/.test(name))).toEqual([]);
  });

  it("are for the optional parts that the answers switch on", () => {
    expect([...resources()].filter((name) => /keda|monitoring|cert-manager/.test(name ?? ""))).toEqual([]);
    const more = resources({ features: { keda: "auto", serviceMonitor: "on" }, ingress: { tls: { mode: "cert-manager", issuer: "x" } } });
    for (const name of ["scaledobjects.keda.sh", "servicemonitors.monitoring.coreos.com", "certificates.cert-manager.io"])
      expect([...more]).toContain(name);
    expect(names({ features: { networkPolicies: false } })).not.toContain("create networkpolicies.networking.k8s.io");
  });

  it("reach beyond the namespace only where the installation does", () => {
    const wide = (more: Partial<AnswersInput>, creates: boolean) =>
      new Set(
        installRights(installMode(answers(more), creates))
          .filter(({ scope }) => scope === "cluster")
          .map(({ resource }) => resource),
      );
    expect(wide({}, false)).toEqual(new Set());
    expect(wide({}, true)).toEqual(new Set(["namespaces"]));
    expect(wide({ scope: "cluster" }, false)).toEqual(new Set(["priorityclasses"]));
  });
});

describe("the check of rights", () => {
  const right = (words: string): RightFact => ({ ...(vital("x", words)[0] as RightFact), allowed: false });
  const assess = (missing: string) => check.assess(input({ rights: known([right(missing)]) })).map(({ verdict }) => verdict);

  it("does not ask for rights to an API that the cluster does not serve", () => {
    expect(assess("create scaledobjects.keda.sh")).toEqual(["pass"]);
    expect(assess("create deployments.apps")).toEqual(["fail"]);
    expect(assess("create secrets")).toEqual(["fail"]);
  });

  it("asks for all of them where the cluster does not tell what it serves", () => {
    const rights = known([right("create scaledobjects.keda.sh")]);
    const discovery = { kind: "unavailable", message: "timeout" } as const;
    expect(check.assess(input({ ...goodFacts, rights, discovery })).map(({ verdict }) => verdict)).toEqual(["fail"]);
  });
});
