import type { Check } from "./check.ts";
import { pass, unread, warn } from "./judgement.ts";

/** Images of network plugins that enforce NetworkPolicies. */
const enforcers = [
  ["cilium", /\/cilium(-ci)?$|\/cilium\/cilium/],
  ["Calico", /calico\/node|calico-node/],
  ["Antrea", /antrea/],
  ["kube-router", /kube-router/],
  ["Weave Net", /weave-npc|weave-kube/],
  ["OVN-Kubernetes", /ovn-kubernetes|ose-ovn/],
  ["AWS network policy agent", /aws-network-policy-agent/],
  ["Azure NPM", /azure-npm/],
  ["kindnet", /kindnetd/],
  ["kube-network-policies", /kube-network-policies/],
] as const;

/** Distributions whose server enforces NetworkPolicies without a pod of its own. */
const builtIn = [
  ["k3s", /\+k3s/],
  ["RKE2", /\+rke2/],
] as const;

/** Is there something that enforces NetworkPolicies? A hint only: the API accepts policies that nobody enforces. */
export const networkPolicy: Check = {
  id: "network-policy",
  title: "Network policies",
  why: "The API server takes NetworkPolicies that nobody enforces: the namespace then looks isolated and is not.",
  needs: ["pods", "cluster"],
  assess({ facts: { pods, cluster }, answers: { features } }) {
    if (!features.networkPolicies)
      return [warn("switched off in the answers", "NetworkPolicies that isolate the platform", "Leave --network-policies on.")];
    const wanted = "a network plugin that enforces NetworkPolicies";
    const distribution = builtIn.find(([, pattern]) => pattern.test(cluster.version))?.[0];
    if (distribution !== undefined) return [pass(`${distribution} enforces them`, wanted)];
    if (pods.kind !== "known") return [unread(pods, wanted)];
    const found = enforcers.find(([, pattern]) => pods.value.images.some((image) => pattern.test(image)))?.[0];
    if (found !== undefined) return [pass(`${found} is running`, wanted)];
    return [
      warn(
        "no plugin that is known to enforce them was seen running",
        wanted,
        "Ask the cluster's owner; some plugins (flannel alone, for one) ignore NetworkPolicies.",
      ),
    ];
  },
};
