import type { Check } from "./check.ts";
import { pass, unread } from "./judgement.ts";

/** Tells which cluster this is, before anything is done to it. */
export const clusterIdentity: Check = {
  id: "cluster-identity",
  title: "Cluster and user",
  why: "The current context may not be the one that is meant; the UID of kube-system names a cluster whatever it is called.",
  needs: ["cluster"],
  assess({ facts: { cluster } }) {
    const wanted = "the cluster that is meant";
    const user = cluster.user.kind === "known" ? ` as ${cluster.user.value}` : "";
    const place = `context ${cluster.context} (${cluster.server})${user}`;
    if (cluster.uid.kind === "known") return [pass(`${place}, kube-system ${cluster.uid.value}`, wanted)];
    const judgement = unread(cluster.uid, wanted);
    return [{ ...judgement, seen: `${place}; ${judgement.seen}` }];
  },
};
