import { apiDiscovery } from "./api-discovery.ts";
import { capacityFit } from "./capacity-fit.ts";
import type { Check, ReleaseInput } from "./check.ts";
import { clockSkew } from "./clock-skew.ts";
import { clusterIdentity } from "./cluster-identity.ts";
import { helmRelease } from "./helm-release.ts";
import { hostDisk } from "./host-disk.ts";
import { hostHelm } from "./host-helm.ts";
import { hostMemory } from "./host-memory.ts";
import { ingressClass } from "./ingress-class.ts";
import { ingressDns } from "./ingress-dns.ts";
import { kubernetesVersion } from "./kubernetes-version.ts";
import { leftoverClaims } from "./leftover-claims.ts";
import { limitRanges } from "./limit-ranges.ts";
import { namespaceState } from "./namespace-state.ts";
import { networkPolicy } from "./network-policy.ts";
import { nodeArchitecture } from "./node-architecture.ts";
import { nodeConditions } from "./node-conditions.ts";
import { optionalApis } from "./optional-apis.ts";
import { podSecurity } from "./pod-security.ts";
import { podSlots } from "./pod-slots.ts";
import { priorityClasses } from "./priority-classes.ts";
import { quotas } from "./quotas.ts";
import { registry } from "./registry.ts";
import { removedApis } from "./removed-apis.ts";
import { rights } from "./rights.ts";
import { storageClass } from "./storage-class.ts";
import { storageRoom } from "./storage-room.ts";
import { supportedMinimum } from "./supported-minimum.ts";
import { tlsCertificate } from "./tls-certificate.ts";

/** Every check, in the order in which findings are told: the cluster, its room, storage, rights, the way in, the namespace, this host. */
export const checks: readonly Check[] = [
  clusterIdentity,
  kubernetesVersion,
  apiDiscovery,
  optionalApis,
  removedApis,
  nodeConditions,
  nodeArchitecture,
  supportedMinimum,
  capacityFit,
  podSlots,
  storageClass,
  storageRoom,
  rights,
  registry,
  ingressClass,
  ingressDns,
  tlsCertificate,
  networkPolicy,
  namespaceState,
  podSecurity,
  quotas,
  limitRanges,
  priorityClasses,
  helmRelease,
  leftoverClaims,
  hostHelm,
  hostDisk,
  hostMemory,
  clockSkew,
];

/** Those of them that judge a cluster for a release before anything is answered. */
export const releaseChecks: readonly Check<ReleaseInput>[] = [kubernetesVersion, nodeArchitecture];
