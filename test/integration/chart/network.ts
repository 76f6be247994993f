import { z } from "zod";
import type { KubernetesObject } from "./render.ts";
import { type Labels, selectorSchema, selects } from "./selectors.ts";

const peerSchema = z.strictObject({
  podSelector: selectorSchema.optional(),
  namespaceSelector: selectorSchema.optional(),
  ipBlock: z.strictObject({ cidr: z.string() }).optional(),
});
const portsSchema = z.array(z.strictObject({ protocol: z.enum(["TCP", "UDP"]), port: z.number() })).min(1);

const policySchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.strictObject({
    podSelector: selectorSchema,
    policyTypes: z.array(z.enum(["Ingress", "Egress"])),
    ingress: z.array(z.strictObject({ from: z.array(peerSchema).min(1), ports: portsSchema })).default([]),
    egress: z.array(z.strictObject({ to: z.array(peerSchema).min(1), ports: portsSchema })).default([]),
  }),
});

/** One end of a connection: a pod of the release's namespace, of another one, or an address outside. */
export type End =
  | { readonly kind: "pod"; readonly labels: Labels }
  | { readonly kind: "elsewhere"; readonly namespace: string; readonly labels: Labels }
  | { readonly kind: "address"; readonly cidr: string };

function isPeer(peer: z.infer<typeof peerSchema>, end: End): boolean {
  if (end.kind === "address") return peer.ipBlock?.cidr === end.cidr;
  if (peer.ipBlock !== undefined) return false;
  const ownNamespace = peer.namespaceSelector === undefined;
  if (ownNamespace !== (end.kind === "pod")) return false;
  const namespaceLabels = end.kind === "elsewhere" ? { "kubernetes.io/metadata.name": end.namespace } : {};
  return (
    selects(peer.namespaceSelector ?? selectorSchema.parse({}), namespaceLabels) &&
    selects(peer.podSelector ?? selectorSchema.parse({}), end.labels)
  );
}

/** Judges connections as Kubernetes does from the NetworkPolicies among the objects. */
export function networkOf(objects: readonly KubernetesObject[]) {
  const policies = objects.filter(({ kind }) => kind === "NetworkPolicy").map((object) => policySchema.parse(object));

  const direction = (type: "Ingress" | "Egress", own: End, other: End, port: number, protocol: "TCP" | "UDP"): boolean => {
    if (own.kind !== "pod") return true;
    const mine = policies.filter(({ spec }) => spec.policyTypes.includes(type) && selects(spec.podSelector, own.labels));
    if (mine.length === 0) return true;
    return mine.some(({ spec }) =>
      type === "Ingress"
        ? spec.ingress.some(
            ({ from, ports }) =>
              from.some((peer) => isPeer(peer, other)) && ports.some((one) => one.port === port && one.protocol === protocol),
          )
        : spec.egress.some(
            ({ to, ports }) =>
              to.some((peer) => isPeer(peer, other)) && ports.some((one) => one.port === port && one.protocol === protocol),
          ),
    );
  };

  return {
    /** Whether both ends' policies let the connection through. */
    allows: (from: End, to: End, port: number, protocol: "TCP" | "UDP" = "TCP") =>
      direction("Egress", from, to, port, protocol) && direction("Ingress", to, from, port, protocol),
  };
}
