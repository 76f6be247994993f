import { clusterWide, helpful, type Right, vital } from "../../../domain/facts/rights.ts";
import type { ClusterWorkloads } from "../../../ports/cluster-workloads.ts";

const whole = "follow the rollout";
const explain = "explain what hinders a pod";
const smoke = "smoke test and status";

/** The rights that each method uses; a test holds them against what the API server is asked. */
export const workloadsRights: Readonly<Record<keyof ClusterWorkloads | "watch", readonly Right[]>> = {
  rollout: [
    ...vital(whole, "list pods", "list deployments.apps", "list statefulsets.apps", "list replicasets.apps", "list jobs.batch"),
    ...helpful(explain, "list events", "list persistentvolumeclaims"),
    ...clusterWide(helpful(explain, "list storageclasses.storage.k8s.io", "list nodes")),
  ],
  watch: helpful(whole, "watch pods", "watch deployments.apps", "watch statefulsets.apps", "watch jobs.batch"),
  logTail: helpful("show the last lines of a pod that crashes", "get pods/log"),
  entryPoints: helpful(
    smoke,
    "list ingresses.networking.k8s.io",
    "list httproutes.gateway.networking.k8s.io",
    "get gateways.gateway.networking.k8s.io",
    "list routes.route.openshift.io",
  ),
  services: helpful(smoke, "list services"),
  autoscalers: helpful(smoke, "list horizontalpodautoscalers.autoscaling"),
  cronJobs: helpful(smoke, "list cronjobs.batch"),
  certificate: helpful(smoke, "get secrets"),
  helmRelease: helpful(smoke, "list,get secrets"),
};
