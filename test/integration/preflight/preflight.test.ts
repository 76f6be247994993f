import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factsSchema } from "../../../src/domain/facts/facts.ts";
import { ControlPlane } from "../../contract/facts/control-plane.ts";
import { network } from "../../sandbox/index.ts";

let plane: ControlPlane;
const folder = mkdtempSync(join(tmpdir(), "migratectl-preflight-"));

beforeAll(async () => {
  plane = await ControlPlane.start("preflight");
  await plane.completeClientNamespace();
  await plane.apply({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "worker-1", labels: { "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux" } },
    status: {
      allocatable: { cpu: "2", memory: "4Gi", pods: "110" },
      conditions: [{ type: "Ready", status: "True" }],
      nodeInfo: {
        architecture: "amd64",
        operatingSystem: "linux",
        containerRuntimeVersion: "containerd://1.7.0",
        kubeletVersion: "v1.34.4",
      },
    },
  });
});
afterAll(async () => {
  await plane?.stop();
  rmSync(folder, { recursive: true });
});

/** Runs `migratectl preflight` as a person would, with the sandbox's helm on PATH. */
function preflight(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const environment = { PATH: `${plane.sandbox.binDir}:${process.env["PATH"]}`, HOME: folder, ...env };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, "../../../src/cli/main.ts"), "preflight", ...args],
      { env: environment, cwd: folder, maxBuffer: 2 ** 24 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

const findings = (
  stdout: string,
): readonly {
  readonly check: string;
  readonly verdict: string;
  readonly seen: string;
  readonly fix?: string;
  readonly skipped?: string;
}[] => JSON.parse(stdout).findings;
const of = (stdout: string, check: string) => findings(stdout).filter((finding) => finding.check === check);

describe("migratectl preflight on a control plane", () => {
  it("ends with 3 on a cluster that is too small, tells every finding, and gives the same ones from the saved facts' moment on", async () => {
    const saved = join(folder, "facts.json");
    const { code, stdout, stderr } = await preflight(["--kubeconfig", plane.sandbox.kubeconfigs.admin, "--json", "--save-facts", saved]);
    expect([code, stderr]).toEqual([3, expect.not.stringMatching(/\bat .*\.ts:\d+/)]);
    expect(of(stdout, "supported-minimum")).toMatchObject([{ verdict: "fail", seen: "2 CPU and 4 GiB allocatable" }]);
    expect(of(stdout, "capacity-fit")).toMatchObject([
      { verdict: "fail", seen: expect.stringMatching(/of \d+ pods do not fit/), fix: expect.stringMatching(/worker-1|larger nodes/) },
    ]);
    expect(of(stdout, "storage-class")).toMatchObject([{ verdict: "fail" }]);
    expect(of(stdout, "rights")).toMatchObject([{ verdict: "pass" }]);
    expect(factsSchema.parse(JSON.parse(readFileSync(saved, "utf8"))).nodes).toMatchObject({ value: [{ name: "worker-1" }] });
  });

  it("gives a namespace's user unknowns with the rights to ask for, and no crash", async () => {
    const { code, stdout } = await preflight([
      "--kubeconfig",
      plane.sandbox.kubeconfigs.namespaced,
      "-n",
      network.clientNamespace,
      "--json",
    ]);
    for (const check of ["node-conditions", "supported-minimum", "capacity-fit", "storage-class"])
      expect(of(stdout, check)[0], check).toMatchObject({ verdict: "unknown", fix: expect.stringContaining("the right to list") });
    expect(of(stdout, "rights")).toMatchObject([{ verdict: "pass" }]);
    expect(code).toBe(0);
    const text = (await preflight(["--kubeconfig", plane.sandbox.kubeconfigs.namespaced, "-n", network.clientNamespace])).stdout;
    expect(text).toMatch(/these rights would tell more: .*list nodes/);
    expect(text).toMatch(/nothing failed, but not all is known/);
  });

  it("lets skipped failures pass, and keeps them and their reasons in the report", async () => {
    const all = ["supported-minimum", "capacity-fit", "storage-class", "ingress-class"].flatMap((id) => [
      "--skip-check",
      `${id}=agreed with the owner`,
    ]);
    const { code, stdout } = await preflight(["--kubeconfig", plane.sandbox.kubeconfigs.admin, "--json", ...all]);
    expect(of(stdout, "capacity-fit")).toMatchObject([{ verdict: "fail", skipped: "agreed with the owner" }]);
    expect(code).toBe(0);
  });

  it("refuses to skip a check that does not exist, or without a reason", async () => {
    const misspelt = await preflight(["--kubeconfig", plane.sandbox.kubeconfigs.admin, "--skip-check", "storage-clas=x"]);
    expect([misspelt.code, misspelt.stderr]).toEqual([2, expect.stringContaining('did you mean "storage-class"?')]);
    const unreasoned = await preflight(["--kubeconfig", plane.sandbox.kubeconfigs.admin, "--skip-check", "storage-class"]);
    expect([unreasoned.code, unreasoned.stderr]).toEqual([2, expect.stringContaining("has no reason")]);
  });

  it("says unknown, never pass, about room when there is no helm to render the chart with", async () => {
    const { stdout } = await preflight(["--kubeconfig", plane.sandbox.kubeconfigs.admin, "--json"], { PATH: "/nowhere" });
    expect(of(stdout, "capacity-fit")).toMatchObject([{ verdict: "unknown", seen: expect.stringContaining("no helm") }]);
    expect(of(stdout, "host-helm")).toMatchObject([{ verdict: "fail" }]);
  });

  it("ends with 2 and a hint when there is no cluster to ask", async () => {
    const { code, stderr, stdout } = await preflight(["--kubeconfig", "/nowhere/config"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/KUBECONFIG_MISSING/);
  });
});
