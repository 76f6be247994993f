import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { asCalled, fixesAsCalled } from "../../../src/cli/as-called.ts";
import { catalogue } from "../../../src/domain/errors/catalogue.ts";
import { makeBundle } from "../../fakes/made-bundle.ts";
import { captured } from "./captured.ts";
import { type EmptyCluster, emptyCluster } from "./empty-cluster.ts";

const folder = mkdtempSync(join(tmpdir(), "migratectl-called-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const called = { kubeconfig: "kc", context: "prod", registryHost: "r.example:5000" };

describe("the commands in a fix", () => {
  it.each([
    ["Try: kubectl --context CONTEXT get --raw /readyz", "Try: kubectl --kubeconfig kc --context prod get --raw /readyz"],
    ["Try: kubectl --context other get --raw /readyz", "Try: kubectl --kubeconfig kc --context other get --raw /readyz"],
    ["List: kubectl config get-contexts", "List: kubectl --kubeconfig kc config get-contexts"],
    ["Look: kubectl -n x get lease migratectl", "Look: kubectl --kubeconfig kc --context prod -n x get lease migratectl"],
    ["See: helm list --all-namespaces", "See: helm --kubeconfig kc --kube-context prod list --all-namespaces"],
    ["migratectl status --namespace x", "migratectl --kubeconfig kc --context prod status --namespace x"],
    ["Try from this machine: curl -v https://HOST/v2/", "Try from this machine: curl -v https://r.example:5000/v2/"],
    ["check them with: docker login HOST", "check them with: docker login r.example:5000"],
  ])("carry what this call was for: %s", (fix, copyable) => {
    expect(asCalled(fix, called)).toBe(copyable);
  });

  it.each([
    "Install helm 4 (or 3.14 and newer), or set MIGRATECTL_HELM to its path",
    "Use a migratectl at least as new as the one that wrote the file",
    "Look at it with kubectl describe, then run the same command again.",
    "use another prefix in --registry HOST/PREFIX",
  ])("are told from prose, which is left alone when nothing was named: %s", (prose) => {
    expect(asCalled(prose, {})).toBe(prose);
  });

  it.each([
    ["migratectl status", "migratectl -n acme status"],
    ["Try: migratectl status -n other", "Try: migratectl status -n other"],
    ["Try: migratectl smoke --namespace other", "Try: migratectl smoke --namespace other"],
    [
      "migratectl uninstall; kubectl -n x delete pvc y (it holds nothing); migratectl install --storage-class NAME",
      "migratectl -n acme uninstall; kubectl -n x delete pvc y (it holds nothing); migratectl -n acme install --storage-class NAME",
    ],
    ["Run migratectl install again. See helm list -n x", "Run migratectl -n acme install again. See helm list -n x"],
    ["migratectl bundle push BUNDLE", "migratectl bundle push BUNDLE"],
  ])("of ours are for the namespace of this call, where they name none: %s", (fix, copyable) => {
    expect(asCalled(fix, { namespace: "acme" })).toBe(copyable);
  });

  it("are found wherever a result has them, and nothing else of it is changed", () => {
    const at = new Date(0);
    const text = "kubectl get pods";
    const result = { at, causes: [{ what: text, fix: text }], helm: { kind: "known", value: undefined }, fix: [text], data: { fix: text } };
    const fitted = "kubectl --context prod get pods";
    expect(fixesAsCalled(result, { context: "prod" })).toEqual({
      ...result,
      causes: [{ what: text, fix: fitted }],
      data: { fix: fitted },
    });
    expect(fixesAsCalled(result, { context: "prod" }).at).toBe(at);
  });

  it("lose a placeholder for the context when the current one is used", () => {
    expect(asCalled("Try: kubectl --context CONTEXT get --raw /readyz", {})).toBe("Try: kubectl get --raw /readyz");
  });

  it("quote what a shell would split", () => {
    expect(asCalled("Try: kubectl get pods", { kubeconfig: "my kc", context: "it's" })).toBe(
      "Try: kubectl --kubeconfig 'my kc' --context 'it'\\''s' get pods",
    );
  });

  it("leave no placeholder for context or registry in any fix of the catalogue", () => {
    for (const { fix } of Object.values(catalogue))
      expect(asCalled(fix, called)).not.toMatch(/--context CONTEXT|\/\/HOST|docker login HOST/);
  });

  it("are those of the call in what a person sees", async () => {
    const kubeconfig = join(folder, "kc");
    const cluster = '{ server: "https://127.0.0.1:1" }';
    writeFileSync(
      kubeconfig,
      `apiVersion: v1\nkind: Config\nclusters: [{ name: c, cluster: ${cluster} }]\nusers: [{ name: u, user: { token: t } }]\ncontexts: [{ name: here, context: { cluster: c, user: u } }]\ncurrent-context: here\n`,
    );
    const { stderr, code } = await captured(["status", "--kubeconfig", kubeconfig]);
    expect(code).toBe(5);
    expect(stderr).toContain(`  fix  Try: kubectl --kubeconfig ${kubeconfig} --context here get --raw /readyz\n`);
    const unknown = await captured(["status", "--kubeconfig", kubeconfig, "--context", "hre"]);
    expect(unknown.stderr).toContain(`  fix  List the contexts with: kubectl --kubeconfig ${kubeconfig} config get-contexts\n`);
  });
});

describe("the commands in the fixes of a report", () => {
  /** A release whose only Deployment lacks the room for its pods. */
  const backend = {
    metadata: { name: "backend", uid: "d-1", labels: { "app.kubernetes.io/instance": "shop", "app.kubernetes.io/component": "backend" } },
    spec: { replicas: 1, selector: { matchLabels: { app: "backend" } }, template: { spec: { containers: [] } } },
    status: {
      conditions: [
        { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: 'pods "b" is forbidden: exceeded quota: tenant' },
      ],
    },
  };
  let cluster: EmptyCluster;
  beforeAll(async () => {
    cluster = await emptyCluster({ deployments: [backend] });
  });
  afterAll(() => cluster.stop());

  it.each([["status"], ["smoke"]])("are those of the call: %s, for people and as JSON", async (command) => {
    const line = [command, "--kubeconfig", cluster.kubeconfig, "--context", "here", "-n", "acme", "--release-name", "shop"];
    const { stdout, stderr, code } = await captured(line);
    expect(code, stdout + stderr).toBe(5);
    const called = `--kubeconfig ${cluster.kubeconfig} --context here`;
    const wanted = command === "status" ? `kubectl ${called} -n acme describe resourcequota` : `migratectl ${called} -n acme status`;
    expect(stdout.split("\n").filter((text) => text.includes("  fix  ") && text.endsWith(wanted))).toHaveLength(1);
    const json = await captured([...line, "--json"]);
    const fixes = JSON.stringify(JSON.parse(json.stdout));
    expect(fixes).toContain(`${wanted}"`);
  });
});

describe("the commands in the data of an error", () => {
  it("are those of the call, too", async () => {
    const [cluster, made] = [await emptyCluster(), await makeBundle({ seed: 12, layerSize: 2000 })];
    const where = ["--kubeconfig", cluster.kubeconfig, "--context", "here", "-n", "acme"];
    const answers = ["--registry", "r.example", "--ingress-host", "a.example", "--no-create-namespace"];
    const { stdout, code } = await captured(["install", "--bundle", made.path, "--yes", "--json", ...where, ...answers]);
    made.remove();
    await cluster.stop();
    expect(code, stdout).toBe(3);
    const { error } = z
      .object({ error: z.object({ data: z.object({ findings: z.array(z.object({ check: z.string(), fix: z.string().optional() })) }) }) })
      .parse(JSON.parse(stdout));
    expect(error.data.findings.find(({ check }) => check === "namespace-state")?.fix).toContain(
      `kubectl --kubeconfig ${cluster.kubeconfig} --context here create namespace acme`,
    );
  });
});

describe("what the system says", () => {
  it("is told in plain words, once", async () => {
    for (const line of [
      ["bundle", "inspect", join(folder, "nothing")],
      ["render", "--answers", join(folder, "nothing"), "--out", "x", "--bundle", "x"],
    ]) {
      const { stderr } = await captured(line);
      expect(stderr).toMatch(/^error FILE_UNREADABLE .*does not exist\n/);
      expect(stderr).not.toMatch(/ENOENT|, open '|from /);
    }
  });
});
