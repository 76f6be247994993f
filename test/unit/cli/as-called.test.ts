import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { asCalled } from "../../../src/cli/as-called.ts";
import { catalogue } from "../../../src/domain/errors/catalogue.ts";
import { captured } from "./captured.ts";

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
