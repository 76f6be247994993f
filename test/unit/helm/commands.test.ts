import { describe, expect, test } from "vitest";
import { readHistory, readRelease } from "../../../src/adapters/helm/answers.ts";
import { historyArgs, manifestArgs, rollbackArgs, templateArgs, uninstallArgs, upgradeArgs } from "../../../src/adapters/helm/commands.ts";
import { helmEnvironment } from "../../../src/adapters/helm/environment.ts";
import { helmProblem } from "../../../src/adapters/helm/problems.ts";

const render = {
  release: "r",
  namespace: "ns",
  chart: "/c.tgz",
  values: "secretish: hunter2\n",
  kubeVersion: "v1.34.4",
  apiVersions: ["v1", "keda.sh/v1alpha1"],
};
const connection = { kubeconfig: ["/k"], context: "prod" };

describe("the command lines of helm", () => {
  test("for rendering ask no cluster and take the values on stdin", () => {
    expect(templateArgs(render)).toEqual([
      "template",
      "r",
      "/c.tgz",
      "--namespace",
      "ns",
      "--values",
      "-",
      "--kube-version",
      "v1.34.4",
      "--api-versions",
      "v1",
      "--api-versions",
      "keda.sh/v1alpha1",
    ]);
  });

  test("for applying name the cluster, do not wait, and take nothing over unasked", () => {
    const args = upgradeArgs(render, connection);
    expect(args).toEqual([
      "upgrade",
      "r",
      "/c.tgz",
      "--install",
      "--values",
      "-",
      "--reset-values",
      "--output",
      "json",
      "--namespace",
      "ns",
      "--kubeconfig",
      "/k",
      "--kube-context",
      "prod",
    ]);
    expect(upgradeArgs(render, connection, { takeOverConflicts: true })).toContain("--force-conflicts");
  });

  test("never hold values", () => {
    expect([...templateArgs(render), ...upgradeArgs(render, connection)].join(" ")).not.toContain("hunter2");
  });

  test("all name the cluster when they talk to it", () => {
    const all = [
      historyArgs("r", "ns", connection),
      manifestArgs("r", "ns", connection),
      rollbackArgs("r", "ns", 2, connection),
      uninstallArgs("r", "ns", connection),
    ];
    for (const args of all) expect(args.join(" ")).toContain("--namespace ns --kubeconfig /k --kube-context prod");
  });

  test("name the context also where several files make up the kubeconfig, which one flag cannot name", () => {
    const args = rollbackArgs("r", "ns", 2, { kubeconfig: ["/a", "/b"], context: "prod" });
    expect(args).toEqual(["rollback", "r", "2", "--namespace", "ns", "--kube-context", "prod"]);
  });
});

describe("the environment of helm", () => {
  const given = { PATH: "/bin", HOME: "/h", KUBECONFIG: "/elsewhere", no_proxy: "x", SSO_REALM: "any plugin's", EMPTY: undefined };
  const secrets = { MIGRATECTL_REGISTRY_PASSWORD: "a", REGISTRY_PW: "b", LLM_KEY: "c" };
  const meaning = { HELM_NAMESPACE: "other", HELM_DRIVER: "sql", HELM_KUBECONTEXT: "other" };

  test("holds everything but migratectl's own, the secrets that the answers name, and what would change what its argv means", () => {
    const shown = helmEnvironment({ ...given, ...secrets, ...meaning }, ["REGISTRY_PW", "LLM_KEY"], undefined);
    expect(shown).toEqual({ PATH: "/bin", HOME: "/h", KUBECONFIG: "/elsewhere", no_proxy: "x", SSO_REALM: "any plugin's" });
  });

  test("names the files of the command's own kubeconfig, whatever the shell says", () => {
    expect(helmEnvironment(given, [], { kubeconfig: ["/a", "/b"], context: "prod" })).toMatchObject({ KUBECONFIG: "/a:/b" });
  });
});

describe("what helm says when it fails", () => {
  test.each([
    ["Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress", "HELM_STUCK"],
    [
      "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nmigrate-platform:\n- at '/profile': value must be one of",
      "CHART_REFUSED",
    ],
    ["Error: execution error at (migrate-platform/templates/x.yaml:3:4): image.registry is required", "CHART_REFUSED"],
    [
      'Error: UPGRADE FAILED: conflict occurred while applying object ns/backend apps/v1, Kind=Deployment: Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas',
      "HELM_CONFLICT",
    ],
    [
      'Error: Unable to continue with install: Service "backend" in namespace "ns" exists and cannot be imported into the current release: invalid ownership metadata',
      "HELM_FOREIGN_OBJECT",
    ],
    ['Error: kubernetes cluster unreachable: Get "https://10.0.0.1": dial tcp: connect: connection refused', "CLUSTER_UNREACHABLE"],
    ['Error: query: failed to query with labels: secrets is forbidden: User "x" cannot list resource "secrets"', "CLUSTER_FORBIDDEN"],
    ["Error: something new", "HELM_FAILED"],
    ["", "HELM_FAILED"],
  ])("is told with its own last lines and a code: %j", (stderr, code) => {
    const problem = helmProblem("upgrade", stderr);
    expect(problem.code).toBe(code);
    const last =
      stderr
        .split("\n")
        .at(-1)
        ?.replace(/^Error: /, "") ?? "";
    expect(problem.message).toContain(last === "" ? "said nothing" : last);
  });

  test("is told without warnings and without pages of it", () => {
    const { message } = helmProblem(
      "upgrade",
      `WARNING: kubeconfig is group-readable\n${Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n")}\n`,
    );
    expect(message).not.toContain("WARNING");
    expect(message).not.toContain("line 37\n");
    expect(message).toContain("line 49");
  });
});

describe("what helm prints as JSON", () => {
  test("of an upgrade is read as the release", () => {
    const stdout = JSON.stringify({
      name: "r",
      version: 3,
      info: { status: "deployed", description: "Upgrade complete" },
      chart: { metadata: { version: "1.0.0", appVersion: "1.0.0" } },
      manifest: "",
    });
    expect(readRelease(stdout)).toEqual({
      name: "r",
      revision: 3,
      status: "deployed",
      chartVersion: "1.0.0",
      appVersion: "1.0.0",
      description: "Upgrade complete",
    });
  });

  test("of a history keeps pending revisions and finds the chart's version behind its name", () => {
    const line = { updated: "x", app_version: "1.1.0", description: "Preparing upgrade" };
    const stdout = JSON.stringify([
      { revision: 1, status: "deployed", chart: "migrate-platform-1.0.0", ...line },
      { revision: 2, status: "pending-upgrade", chart: "migrate-platform-1.1.0-rc.1", ...line },
    ]);
    expect(readHistory("r", stdout).map(({ status, chartVersion }) => [status, chartVersion])).toEqual([
      ["deployed", "1.0.0"],
      ["pending-upgrade", "1.1.0-rc.1"],
    ]);
  });
});
