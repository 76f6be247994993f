import { z } from "zod";

/** A right that the installation will use. */
const rightSchema = z.object({
  verb: z.string(),
  /** API group; empty for the core one. */
  group: z.string(),
  /** Plural resource, with a subresource after a slash: `pods/log`. */
  resource: z.string(),
  /** Asked for in the release's namespace, or in the whole cluster. */
  scope: z.enum(["namespace", "cluster"]),
  /** What it is for, for people: "apply the chart". */
  purpose: z.string(),
});

/** A right that the installation will use. */
export type Right = Readonly<z.infer<typeof rightSchema>>;

/** The API server's answer about one right. */
export const rightFactSchema = rightSchema.extend({ allowed: z.boolean() });

/** The API server's answer about one right. */
export type RightFact = Readonly<z.infer<typeof rightFactSchema>>;

/** `create deployments.apps`: a right in kubectl's words. */
export function rightName({ verb, group, resource }: Pick<Right, "verb" | "group" | "resource">): string {
  const [plural, sub] = resource.split("/");
  return `${verb} ${plural}${group === "" ? "" : `.${group}`}${sub === undefined ? "" : `/${sub}`}`;
}

const base = ["create", "get", "list", "patch", "delete"] as const;

/** Resources that the chart consists of, by API group, with the verbs that are used beside {@link base}: Helm's own record is updated, rollouts and hooks are watched. */
const applied: readonly (readonly [group: string, resource: string, ...more: string[]])[] = [
  ["", "configmaps", "update"],
  ["", "secrets", "update"],
  ["", "services"],
  ["", "serviceaccounts"],
  ["", "persistentvolumeclaims"],
  ["apps", "deployments", "watch"],
  ["apps", "statefulsets", "watch"],
  ["batch", "jobs", "watch"],
  ["batch", "cronjobs"],
  ["networking.k8s.io", "ingresses"],
  ["networking.k8s.io", "networkpolicies"],
  ["policy", "poddisruptionbudgets"],
  ["autoscaling", "horizontalpodautoscalers"],
  ["rbac.authorization.k8s.io", "roles"],
  ["rbac.authorization.k8s.io", "rolebindings"],
];

const watched: readonly Pick<Right, "verb" | "group" | "resource" | "purpose">[] = [
  ...["get", "list", "watch"].map((verb) => ({ verb, group: "", resource: "pods", purpose: "follow the rollout" })),
  { verb: "list", group: "", resource: "events", purpose: "explain what hinders a pod" },
  { verb: "get", group: "", resource: "pods/log", purpose: "show the last lines of a pod that crashes" },
  ...["get", "create", "update"].map((verb) => ({
    verb,
    group: "coordination.k8s.io",
    resource: "leases",
    purpose: "keep two operators apart",
  })),
];

/** Every right that an installation uses; `createsNamespace` adds the right to make it, scope `cluster` what only that mode makes. */
export function installRights(mode: { readonly scope: "cluster" | "namespace"; readonly createsNamespace: boolean }): readonly Right[] {
  const inNamespace = [
    ...applied.flatMap(([group, resource, ...more]) =>
      [...base, ...more].map((verb) => ({ verb, group, resource, purpose: "apply the chart" })),
    ),
    ...watched,
  ].map((right): Right => ({ ...right, scope: "namespace" }));
  const namespaces = mode.createsNamespace ? [clusterRight("create", "", "namespaces", "make the release's namespace")] : [];
  const classes =
    mode.scope === "cluster"
      ? ["create", "get", "patch", "delete"].map((verb) =>
          clusterRight(verb, "scheduling.k8s.io", "priorityclasses", "apply the chart's PriorityClasses"),
        )
      : [];
  return [...inNamespace, ...namespaces, ...classes];
}

function clusterRight(verb: string, group: string, resource: string, purpose: string): Right {
  return { verb, group, resource, scope: "cluster", purpose };
}
