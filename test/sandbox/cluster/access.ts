import { describe, expect, test } from "vitest";
import { attemptInside, insideArgv, makeClientNamespace, runInside } from "../index.ts";
import { run } from "../run.ts";
import type { Cluster } from "./kubectl.ts";
import { deployment } from "./workloads.ts";

/** What commands inside the sandbox are given, and what its second user may. */
export const describeAccess = (cluster: Cluster) =>
  describe("access", () => {
    const asNamespaced = (argv: readonly string[], input?: string) =>
      attemptInside(cluster(), ["kubectl", ...argv], { user: "namespaced", ...(input !== undefined && { input }) });

    test("the namespaced user creates Deployments in its own namespace, which is its kubeconfig's", async () => {
      const { metadata, ...rest } = deployment({ namespace: cluster().clientNamespace, name: "mine" });
      const nameless = JSON.stringify({ ...rest, metadata: { name: metadata.name } });
      expect(await asNamespaced(["create", "--filename=-"], nameless)).toMatchObject({ code: 0, stdout: "deployment.apps/mine created\n" });
      expect(await asNamespaced(["delete", "deployment", "mine"])).toMatchObject({ code: 0 });
    });

    test.each([
      ["list nodes", ["get", "nodes"]],
      ["make namespaces", ["create", "namespace", "another"]],
      ["read another namespace's Secrets", ["get", "secrets", "--namespace=kube-system"]],
      ["bind cluster roles", ["create", "clusterrolebinding", "more", "--clusterrole=cluster-admin", "--user=acme-admin"]],
    ])("the namespaced user may not %s", async (_, argv) => {
      const { code, stderr } = await asNamespaced(argv);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/forbidden/i);
    });

    test("a further namespace can be handed to the namespaced user, more than once", async () => {
      expect((await asNamespaced(["get", "pods", "--namespace=client-second"])).stderr).toContain("(Forbidden)");
      await makeClientNamespace(cluster(), "client-second");
      await makeClientNamespace(cluster(), "client-second");
      expect(await asNamespaced(["get", "pods", "--namespace=client-second"])).toMatchObject({ code: 0 });
    });

    test("a command inside gets its input, its directory and the sandbox's network, and gives its exit code", async () => {
      const script = "cat; pwd; ip -4 -brief address show dev node0; exit 7";
      const { code, stdout } = await attemptInside(cluster(), ["sh", "-c", script], { input: "given\n", cwd: "/usr" });
      expect(stdout).toMatch(/^given\n\/usr\nnode0 .*10\.200\.0\.1\/24/);
      expect(code).toBe(7);
    });

    test("a command inside sees the processes of the machine, itself among them", async () => {
      const script = "readlink /proc/self/ns/pid";
      expect(await runInside(cluster(), ["sh", "-c", script])).toBe(await run(["sh", "-c", script]));
    });

    test("nothing secret is among the arguments of a command that enters the sandbox", () => {
      expect(insideArgv(cluster(), ["true"]).join(" ")).not.toMatch(/password|BEGIN/i);
    });
  });
