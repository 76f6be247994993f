import type { InstallMode } from "../../domain/facts/install-mode.ts";
import { clusterWide, type Right, vital } from "../../domain/facts/rights.ts";

/** What helm does to every object of a chart: it looks, makes, changes, and deletes what a release no longer has. */
const verbs = "get,create,patch,delete";

/** Kinds that the chart makes with any answers, as resources. */
export const chartResources = [
  "configmaps",
  "services",
  "serviceaccounts",
  "persistentvolumeclaims",
  "deployments.apps",
  "statefulsets.apps",
  "jobs.batch",
  "cronjobs.batch",
  "poddisruptionbudgets.policy",
  "horizontalpodautoscalers.autoscaling",
];

/** Every right that helm uses for a release of the chart: for its own record, which it keeps in Secrets, and for the chart's objects. */
export function helmRights(mode: InstallMode): readonly Right[] {
  const own = [...chartResources, ...published(mode), ...parts(mode)].map((resource) => `${verbs} ${resource}`);
  return [
    ...vital("keep Helm's record", "get,list,create,update,delete secrets"),
    ...vital("apply the chart", ...own),
    ...(mode.scope === "cluster"
      ? clusterWide(vital("apply the chart's PriorityClasses", `${verbs} priorityclasses.scheduling.k8s.io`))
      : []),
  ];
}

function published({ ingress, ownGateway }: InstallMode): readonly string[] {
  switch (ingress) {
    case "none":
      return [];
    case "ingress":
      return ["ingresses.networking.k8s.io"];
    case "route":
      // The router reads the certificate's Secret by a Role that the chart gives it.
      return ["routes.route.openshift.io", "roles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io"];
    case "gateway":
      return ["httproutes.gateway.networking.k8s.io", ...(ownGateway ? ["gateways.gateway.networking.k8s.io"] : [])];
  }
}

function parts({ certManager, networkPolicies, keda, serviceMonitor }: InstallMode): readonly string[] {
  return [
    ...(certManager ? ["certificates.cert-manager.io"] : []),
    ...(networkPolicies ? ["networkpolicies.networking.k8s.io"] : []),
    ...(keda ? ["scaledobjects.keda.sh", "triggerauthentications.keda.sh"] : []),
    ...(serviceMonitor ? ["servicemonitors.monitoring.coreos.com", "prometheusrules.monitoring.coreos.com"] : []),
  ];
}
