import type { Answers } from "../answers/answers.ts";
import { valueAt } from "../answers/tree.ts";

/** What of the answers decides which rights an installation needs. */
export interface InstallMode {
  readonly scope: Answers["scope"];
  /** The namespace is not there and is to be made. */
  readonly createsNamespace: boolean;
  readonly ingress: Answers["ingress"]["kind"] | "none";
  /** The Gateway is made, and not somebody else's that is there already. */
  readonly ownGateway: boolean;
  readonly certManager: boolean;
  readonly networkPolicies: boolean;
  /** Asked for, or wanted where the cluster has it. */
  readonly keda: boolean;
  readonly serviceMonitor: boolean;
}

/** The mode of these answers. Parts that only `values` switch on are not known here. */
export function installMode({ scope, ingress, features, values }: Answers, createsNamespace: boolean): InstallMode {
  return {
    scope,
    createsNamespace,
    ingress: ingress.enabled ? ingress.kind : "none",
    ownGateway: !valueAt(values, ["ingress", "gateway", "name"]),
    certManager: ingress.enabled && ingress.tls.mode === "cert-manager",
    networkPolicies: features.networkPolicies,
    keda: features.keda !== "off",
    serviceMonitor: features.serviceMonitor !== "off",
  };
}
