import type { CatalogueEntry } from "../problem.ts";

/** Errors of waiting for a rollout, of smoke and of status. */
export const smokeErrors = {
  ROLLOUT_FAILED: {
    exit: "attention",
    title: "The release did not become ready",
    why: "A component cannot start; the root cause is told with it.",
    fix: "Mend what is named, then run the same command again. See all of it with: migratectl status",
  },
  STATUS_NOT_INSTALLED: {
    exit: "attention",
    title: "There is no such release",
    why: "Neither Helm nor the cluster knows a release of that name in that namespace.",
    fix: "Check --context and --namespace; see what is there with: helm list --all-namespaces",
  },
  SMOKE_FAILED: {
    exit: "attention",
    title: "The smoke test failed",
    why: "The platform runs, but using it once did not work from end to end.",
    fix: "Look for the cause with: migratectl status",
  },
  TUNNEL_FAILED: {
    exit: "attention",
    title: "No tunnel to a pod",
    why: "The API server did not open a port-forward: the right create on pods/portforward is missing, a proxy in between does not pass WebSockets, or the pod is gone.",
    fix: "Try: kubectl -n NAMESPACE port-forward POD PORT",
  },
} as const satisfies Record<string, CatalogueEntry>;
