import type { Check } from "./check.ts";
import { fail, pass, some, unread, warn } from "./judgement.ts";

const needed = ["v1", "apps/v1", "batch/v1", "networking.k8s.io/v1", "policy/v1", "autoscaling/v2", "rbac.authorization.k8s.io/v1"];

/** Does the API server serve what the chart is written in, and do all aggregated APIs answer? */
export const apiDiscovery: Check = {
  id: "api-discovery",
  title: "API groups",
  why: "One broken aggregated API makes Helm's view of the cluster partial and blocks the deletion of every namespace.",
  needs: ["discovery"],
  assess({ facts: { discovery } }) {
    const wanted = "the API groups of the chart are served, and every aggregated API answers";
    if (discovery.kind !== "known") return [unread(discovery, wanted)];
    const { served, broken } = discovery.value;
    const missing = needed.filter((name) => !served.some(({ groupVersion }) => groupVersion === name));
    if (missing.length > 0)
      return [fail(`not served: ${missing.join(", ")}`, wanted, "Upgrade the cluster, or look at: kubectl api-versions")];
    if (broken.length === 0) return [pass(`${served.length} group versions, all answering`, wanted)];
    return [warn(`not answering: ${some(broken)}`, wanted, "Repair or delete the APIService: kubectl get apiservices | grep False")];
  },
};
