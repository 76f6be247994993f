import type { CatalogueEntry } from "../problem.ts";

/** Errors of reaching and using the Kubernetes API. */
export const clusterErrors = {
  KUBECONFIG_MISSING: {
    exit: "usage",
    title: "No kubeconfig",
    why: "migratectl looks at --kubeconfig, then $KUBECONFIG, then ~/.kube/config, and found none.",
    fix: "Pass --kubeconfig FILE, or set KUBECONFIG.",
  },
  KUBECONFIG_INVALID: {
    exit: "usage",
    title: "The kubeconfig cannot be used",
    why: "It is not valid YAML, or names a cluster or user that it does not define.",
    fix: "Check it with: kubectl config view --minify",
  },
  CONTEXT_UNKNOWN: {
    exit: "usage",
    title: "The context does not exist",
    why: "The kubeconfig has no context of that name.",
    fix: "List the contexts with: kubectl config get-contexts",
  },
  CLUSTER_CREDENTIAL_PLUGIN: {
    exit: "usage",
    title: "The credential plugin of the kubeconfig cannot be run",
    why: "The kubeconfig's user gets its credentials from an external command, which is missing or failed.",
    fix: "Install the command that the kubeconfig names under users[].user.exec.command, or use a kubeconfig with a token or certificate.",
  },
  CLUSTER_NOT_KUBERNETES: {
    exit: "attention",
    title: "The answer is not Kubernetes'",
    why: "Something else answers at the API server's address: a proxy's login or error page, or a server that cuts answers short.",
    fix: "Look at what answers with: kubectl --context CONTEXT get --raw /version",
  },
  CLUSTER_UNREACHABLE: {
    exit: "attention",
    title: "The cluster does not answer",
    why: "The API server's address is wrong, a firewall or proxy is in the way, or it is down.",
    fix: "Try: kubectl --context CONTEXT get --raw /readyz",
  },
  CLUSTER_UNTRUSTED: {
    exit: "usage",
    title: "The cluster's certificate is not trusted",
    why: "The API server's certificate is expired, for another name, or signed by a CA that the kubeconfig does not carry.",
    fix: "Get a fresh kubeconfig from the cluster's owner, and check the clock of this machine.",
  },
  CLUSTER_UNAUTHORIZED: {
    exit: "usage",
    title: "The cluster does not accept the credentials",
    why: "The token or client certificate of the kubeconfig is expired or revoked.",
    fix: "Log in again or get a fresh kubeconfig, then check with: kubectl auth whoami",
  },
  CLUSTER_FORBIDDEN: {
    exit: "attention",
    title: "A right is missing in the cluster",
    why: "The user of the kubeconfig may not do this.",
    fix: "Ask the cluster's owner for the right that is named above.",
  },
  CLUSTER_REFUSED: {
    exit: "attention",
    title: "The cluster refused a request",
    why: "Admission, a quota or validation in the API server refused it.",
    fix: "Read the API server's reason above; it names the rule.",
  },
} as const satisfies Record<string, CatalogueEntry>;
