import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { attemptInside, runInside } from "../index.ts";
import type { KubernetesObject } from "../node/objects/system-pod.ts";
import { until } from "../until.ts";
import { apply, type Cluster, kubectl, makeNamespace, read, waitFor } from "./kubectl.ts";
import { pod, serving } from "./workloads.ts";

const namespace = "policies";
const Pod = z.object({ status: z.object({ podIP: z.string() }) });

const policy = (name: string, spec: object): KubernetesObject => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace },
  spec,
});

const dnsPods = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
  podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
};
const ofApp = (app: string) => ({ podSelector: { matchLabels: { app } } });

const denyAll = policy("deny-all", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
const allowDns = policy("allow-dns", {
  podSelector: {},
  policyTypes: ["Egress"],
  egress: [{ to: [dnsPods], ports: [{ protocol: "UDP", port: 53 }] }],
});
const allowOut = policy("allow-out", {
  ...ofApp("client"),
  policyTypes: ["Egress"],
  egress: [{ to: [ofApp("server")], ports: [{ port: 8080 }] }],
});
const allowIn = policy("allow-in", {
  ...ofApp("server"),
  policyTypes: ["Ingress"],
  ingress: [{ from: [ofApp("client")], ports: [{ port: 8080 }] }],
});

/** That NetworkPolicies are enforced between pods as a bought cluster does it. */
export const describePolicies = (cluster: Cluster) =>
  describe("network policies", () => {
    let server = "";
    const inClient = (...argv: readonly string[]) =>
      attemptInside(cluster(), ["kubectl", "exec", "client", `--namespace=${namespace}`, "--", "timeout", "2", ...argv]);

    const connections = {
      "to the other pod": async () => (await inClient("wget", "-q", "-O", "-", `http://${server}:8080/`)).stdout === "served\n",
      "to the DNS": async () => (await inClient("nslookup", "-type=a", "kubernetes.default.svc.cluster.local")).code === 0,
    } as const;

    const becomes = async (wanted: Readonly<Record<keyof typeof connections, "open" | "closed">>): Promise<void> => {
      const names = Object.keys(connections) as (keyof typeof connections)[];
      await until(
        `the state ${JSON.stringify(wanted)}`,
        async () => {
          const open = await Promise.all(names.map((name) => connections[name]()));
          return names.every((name, index) => open[index] === (wanted[name] === "open")) ? true : undefined;
        },
        { deadlineMs: 30_000, pauseMs: 200 },
      );
    };

    beforeAll(async () => {
      await makeNamespace(cluster(), namespace);
      await apply(cluster(), pod({ namespace, name: "server", command: serving("served") }), pod({ namespace, name: "client" }));
      for (const name of ["server", "client"]) await waitFor(cluster(), namespace, `pod/${name}`, "condition=Ready");
      ({ podIP: server } = (await read(cluster(), Pod, `--namespace=${namespace}`, "pod", "server")).status);
    });

    test("everything is open while no policy selects a pod", () => becomes({ "to the other pod": "open", "to the DNS": "open" }));

    test("a default-deny policy blocks a pod from other pods and from the DNS, and the rules' counters name it", async () => {
      await apply(cluster(), denyAll);
      await becomes({ "to the other pod": "closed", "to the DNS": "closed" });
      const rules = await runInside(cluster(), ["nft", "list", "table", "inet", "sandbox_policy"]);
      expect(rules).toMatch(/counter packets [1-9]\d* bytes \d+ drop comment "egress of policies\/client"/);
    });

    test("a rule for the DNS opens the DNS and nothing else", async () => {
      await apply(cluster(), allowDns);
      await becomes({ "to the other pod": "closed", "to the DNS": "open" });
    });

    test("a connection needs the sender's rule and the receiver's: one of the two is not enough", async () => {
      await apply(cluster(), allowOut);
      await until(
        "the drop at the receiver",
        async () => {
          if (await connections["to the other pod"]()) throw new Error("the receiver let the connection in");
          const rules = await runInside(cluster(), ["nft", "list", "table", "inet", "sandbox_policy"]);
          return /counter packets [1-9]\d* bytes \d+ drop comment "ingress of policies\/server"/.test(rules) ? true : undefined;
        },
        { deadlineMs: 30_000, pauseMs: 200 },
      );
      await apply(cluster(), allowIn);
      await becomes({ "to the other pod": "open", "to the DNS": "open" });
    });

    test("a deleted rule closes what it had opened", async () => {
      await kubectl(cluster(), "delete", "networkpolicy", "allow-in", `--namespace=${namespace}`);
      await becomes({ "to the other pod": "closed", "to the DNS": "open" });
    });

    test("the node reaches its pods past every policy, as the kubelet's probes must", async () => {
      const page = await runInside(cluster(), ["curl", "--silent", "--max-time", "5", `http://${server}:8080/`]);
      expect(page).toBe("served\n");
    });

    test("deleting the last policy opens everything", async () => {
      await kubectl(cluster(), "delete", "networkpolicy", "--all", `--namespace=${namespace}`);
      await becomes({ "to the other pod": "open", "to the DNS": "open" });
    });
  });
