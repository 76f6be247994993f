import { describe, expect, it } from "vitest";
import { isComplete, type Machine, planTools } from "./plan.ts";
import { type GoRequirement, type Requirement, requirements } from "./requirements.ts";

/** A machine that has files, whose commands print something when asked for their version, and a cache of built programs. */
const machine = (has: {
  readonly files?: Readonly<Record<string, string>>;
  readonly prints?: Readonly<Record<string, string>>;
  readonly built?: readonly string[];
}): Machine => ({
  find: (file) => has.files?.[file],
  fits: (path, { fits }) => fits.test(has.prints?.[path] ?? ""),
  isBuilt: ({ program }) => has.built?.includes(program) ?? false,
});

const etcd: Requirement = {
  kind: "debian",
  purpose: "cluster",
  file: "etcd",
  package: "etcd-server",
  version: { args: ["--version"], fits: /Version: 3\./ },
};
const ctr: Requirement = { kind: "debian", purpose: "cluster", file: "ctr", package: "containerd" };
const containerd: Requirement = { kind: "debian", purpose: "cluster", file: "containerd", package: "containerd" };
const kube: GoRequirement = {
  kind: "go",
  purpose: "cluster",
  package: ".",
  program: "sandbox-kube",
  commands: ["kubelet", "kubectl"],
  version: { args: ["--version"], fits: /v1\.34\./ },
};
const coredns: GoRequirement = {
  kind: "go",
  purpose: "cluster",
  package: "coredns",
  program: "coredns",
  commands: ["coredns"],
};
const crane: GoRequirement = { ...coredns, purpose: "tests", package: "crane", program: "crane", commands: ["crane"] };

describe("what is missing and where it comes from", () => {
  it("is every package once and every program, on a machine that has nothing", () => {
    const plan = planTools([etcd, ctr, containerd, kube, coredns], ["cluster"], machine({}));
    expect(plan.packages).toEqual(["containerd", "etcd-server"]);
    expect(plan.builds).toEqual([kube, coredns]);
    expect(isComplete(plan)).toBe(false);
  });

  it("takes a command of the machine whose version fits, and remembers where it is", () => {
    const plan = planTools([etcd], ["cluster"], machine({ files: { etcd: "/opt/etcd" }, prints: { "/opt/etcd": "etcd Version: 3.5.1" } }));
    expect(plan).toEqual({ found: { etcd: "/opt/etcd" }, packages: [], builds: [] });
    expect(isComplete(plan)).toBe(true);
  });

  it("replaces a command of the machine whose version does not fit", () => {
    const plan = planTools([etcd], ["cluster"], machine({ files: { etcd: "/opt/etcd" }, prints: { "/opt/etcd": "etcd Version: 2.3" } }));
    expect(plan.packages).toEqual(["etcd-server"]);
  });

  it("builds a program of several commands unless all of them are there in a fitting version", () => {
    const files = { kubelet: "/usr/bin/kubelet", kubectl: "/usr/bin/kubectl" };
    const oneIsOld = { "/usr/bin/kubelet": "v1.34.4", "/usr/bin/kubectl": "v1.20.0" };
    expect(planTools([kube], ["cluster"], machine({ files, prints: oneIsOld })).builds).toEqual([kube]);
    const bothFit = { "/usr/bin/kubelet": "v1.34.4", "/usr/bin/kubectl": "v1.34.9" };
    expect(planTools([kube], ["cluster"], machine({ files, prints: bothFit }))).toEqual({ found: files, packages: [], builds: [] });
  });

  it("never takes from PATH what pods have to run, because it has to be static", () => {
    expect(planTools([coredns], ["cluster"], machine({ files: { coredns: "/usr/bin/coredns" } })).builds).toEqual([coredns]);
  });

  it("builds nothing that is in the cache as the module pins it now", () => {
    expect(isComplete(planTools([kube, coredns], ["cluster"], machine({ built: ["sandbox-kube", "coredns"] })))).toBe(true);
  });

  it("leaves out what the purpose does not need", () => {
    expect(planTools([coredns, crane], ["tests"], machine({})).builds).toEqual([crane]);
  });
});

describe("the list of requirements", () => {
  it("gives every command and file once", () => {
    const names = requirements.flatMap((requirement) => (requirement.kind === "debian" ? [requirement.file] : requirement.commands));
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  });
});
