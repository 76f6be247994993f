import type {
  V1LabelSelector,
  V1NetworkPolicy,
  V1NetworkPolicyIngressRule,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
} from "@kubernetes/client-node";

/** A pod that has an address. */
export type PodEndpoint = {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ip: string;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
};

/** What policies are judged against. */
export type PolicyWorld = {
  readonly pods: readonly PodEndpoint[];
  /** Labels by namespace. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly policies: readonly V1NetworkPolicy[];
};

/** One destination port or range of ports, both ends included. */
export type PortRange = { readonly protocol: "tcp" | "udp" | "sctp"; readonly from: number; readonly to: number };

/** The far end of allowed connections. */
export type Peer =
  | { readonly kind: "anyone" }
  | { readonly kind: "pod"; readonly ip: string }
  | { readonly kind: "block"; readonly cidr: string; readonly except: readonly string[] };

/** Connections that are let through: with any of the peers, on any of the ports; `ports` undefined means every port and protocol. */
export type Allowance = { readonly peers: readonly Peer[]; readonly ports: readonly PortRange[] | undefined };

/** A pod of which policies isolate one direction: only what is allowed passes. */
export type Isolation = {
  readonly pod: PodEndpoint;
  readonly direction: "ingress" | "egress";
  readonly allowed: readonly Allowance[];
};

type Labels = Readonly<Record<string, string>>;

const matchesExpression = (
  labels: Labels,
  { key, operator, values = [] }: { readonly key: string; readonly operator: string; readonly values?: readonly string[] },
): boolean => {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      throw new Error(`the API server let through the label operator ${operator}`);
  }
};

/** Whether labels satisfy a selector; an empty selector is satisfied by all. */
const matches = (selector: V1LabelSelector, labels: Labels): boolean =>
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
  (selector.matchExpressions ?? []).every((expression) => matchesExpression(labels, expression));

const podsOf = (world: PolicyWorld, policyNamespace: string, peer: V1NetworkPolicyPeer): readonly PodEndpoint[] =>
  world.pods.filter(
    (pod) =>
      (peer.namespaceSelector
        ? matches(peer.namespaceSelector, world.namespaces.get(pod.namespace) ?? {})
        : pod.namespace === policyNamespace) && matches(peer.podSelector ?? {}, pod.labels),
  );

const portRanges = (ports: readonly V1NetworkPolicyPort[], target: PodEndpoint | undefined): readonly PortRange[] =>
  ports.flatMap((port) => {
    const protocol = (port.protocol ?? "TCP").toLowerCase() as PortRange["protocol"];
    if (port.port === undefined) return [{ protocol, from: 0, to: 65535 }];
    if (typeof port.port === "number") return [{ protocol, from: port.port, to: port.endPort ?? port.port }];
    return (target?.ports ?? [])
      .filter((named) => named.name === port.port && named.protocol.toLowerCase() === protocol)
      .map((named) => ({ protocol, from: named.port, to: named.port }));
  });

const isNamed = (port: V1NetworkPolicyPort): boolean => typeof port.port === "string";
const isIpv4 = (cidr: string): boolean => !cidr.includes(":");

const allowances = (
  world: PolicyWorld,
  pod: PodEndpoint,
  direction: Isolation["direction"],
  rule: { readonly peers: readonly V1NetworkPolicyPeer[] | undefined; readonly ports: readonly V1NetworkPolicyPort[] | undefined },
): readonly Allowance[] => {
  const ports = rule.ports?.length ? rule.ports : undefined;
  const selected = (rule.peers ?? []).filter((peer) => !peer.ipBlock).flatMap((peer) => podsOf(world, pod.namespace, peer));
  const blocks = (rule.peers ?? []).flatMap(({ ipBlock }): readonly Peer[] =>
    ipBlock && isIpv4(ipBlock.cidr) ? [{ kind: "block", cidr: ipBlock.cidr, except: (ipBlock.except ?? []).filter(isIpv4) }] : [],
  );
  const peers: readonly Peer[] = rule.peers?.length
    ? [...new Set(selected.map(({ ip }) => ip))].map((ip): Peer => ({ kind: "pod", ip })).concat(blocks)
    : [{ kind: "anyone" }];
  if (!ports) return [{ peers, ports: undefined }];
  if (direction === "ingress") return [{ peers, ports: portRanges(ports, pod) }];
  // The name of a port means what the pod at the other end calls so, which differs from peer to peer.
  const targets = rule.peers?.length ? selected : world.pods;
  const byName = ports.filter(isNamed);
  return [
    {
      peers,
      ports: portRanges(
        ports.filter((port) => !isNamed(port)),
        undefined,
      ),
    },
    ...targets.map((target) => ({ peers: [{ kind: "pod" as const, ip: target.ip }], ports: portRanges(byName, target) })),
  ];
};

const isolates = (policy: V1NetworkPolicy, direction: Isolation["direction"]): boolean => {
  const types = policy.spec?.policyTypes ?? (policy.spec?.egress ? ["Ingress", "Egress"] : ["Ingress"]);
  return types.includes(direction === "ingress" ? "Ingress" : "Egress");
};

/** A watch delivers the API's own JSON, in which client-node's `_from` is `from`. */
const sendersOf = (rule: V1NetworkPolicyIngressRule & { readonly from?: readonly V1NetworkPolicyPeer[] }) => rule._from ?? rule.from;

const rulesOf = (policy: V1NetworkPolicy, direction: Isolation["direction"]) =>
  direction === "ingress"
    ? (policy.spec?.ingress ?? []).map((rule) => ({ peers: sendersOf(rule), ports: rule.ports }))
    : (policy.spec?.egress ?? []).map((rule) => ({ peers: rule.to, ports: rule.ports }));

const isEmpty = ({ peers, ports }: Allowance): boolean => peers.length === 0 || ports?.length === 0;

/** Translates NetworkPolicies into what each isolated pod may still do; pods that no policy selects do not appear. */
export const compilePolicies = (world: PolicyWorld): readonly Isolation[] =>
  world.pods.flatMap((pod) =>
    (["ingress", "egress"] as const).flatMap((direction): readonly Isolation[] => {
      const selecting = world.policies.filter(
        (policy) =>
          policy.metadata?.namespace === pod.namespace &&
          isolates(policy, direction) &&
          matches(policy.spec?.podSelector ?? {}, pod.labels),
      );
      if (selecting.length === 0) return [];
      const allowed = selecting
        .flatMap((policy) => rulesOf(policy, direction))
        .flatMap((rule) => allowances(world, pod, direction, rule))
        .filter((allowance) => !isEmpty(allowance));
      return [{ pod, direction, allowed }];
    }),
  );
