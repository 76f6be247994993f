import type { Allowance, Isolation, Peer, PortRange } from "./compile.ts";

/** The table that holds the translated policies. */
const policyTable = "inet sandbox_policy";

const peerMatch = (peer: Peer, farEnd: "saddr" | "daddr"): string => {
  switch (peer.kind) {
    case "anyone":
      return "";
    case "pod":
      return `ip ${farEnd} ${peer.ip}`;
    case "block":
      // One comparison each: exceptions may overlap, which a set would refuse.
      return [`ip ${farEnd} ${peer.cidr}`, ...peer.except.map((cidr) => `ip ${farEnd} != ${cidr}`)].join(" ");
    default:
      return peer satisfies never;
  }
};

const portMatch = ({ protocol, from, to }: PortRange): string => `${protocol} dport ${from === to ? from : `${from}-${to}`}`;

const peerMatches = (peers: readonly Peer[], farEnd: "saddr" | "daddr"): readonly string[] => {
  const pods = peers.filter((peer) => peer.kind === "pod").map(({ ip }) => ip);
  return [
    ...(pods.length > 0 ? [`ip ${farEnd} { ${pods.join(", ")} }`] : []),
    ...peers.filter((peer) => peer.kind !== "pod").map((peer) => peerMatch(peer, farEnd)),
  ];
};

const allowanceRules = ({ peers, ports }: Allowance, farEnd: "saddr" | "daddr"): readonly string[] =>
  peerMatches(peers, farEnd).flatMap((peer) =>
    ports ? ports.map((port) => [peer, portMatch(port), "return"].filter(Boolean).join(" ")) : [[peer, "return"].filter(Boolean).join(" ")],
  );

const chainName = ({ direction }: Isolation, index: number): string => `${direction}_${index}`;

const chain = (isolation: Isolation, index: number): string => {
  const { pod, direction, allowed } = isolation;
  const farEnd = direction === "ingress" ? "saddr" : "daddr";
  const rules = [
    // A pod may always talk to itself.
    `ip ${farEnd} ${pod.ip} return`,
    ...new Set(allowed.flatMap((allowance) => allowanceRules(allowance, farEnd))),
    `counter drop comment "${direction} of ${pod.namespace}/${pod.name}"`.replace(/(comment ".{1,120}).*"$/, '$1"'),
  ];
  return `  chain ${chainName(isolation, index)} {\n${rules.map((rule) => `    ${rule}\n`).join("")}  }\n`;
};

const verdictMap = (direction: Isolation["direction"], isolations: readonly Isolation[]): string => {
  const elements = isolations.flatMap((isolation, index) =>
    isolation.direction === direction ? [`${isolation.pod.ip} : jump ${chainName(isolation, index)}`] : [],
  );
  const body = elements.length > 0 ? `\n    elements = {\n      ${elements.join(",\n      ")}\n    }` : "";
  return `  map ${direction} {\n    type ipv4_addr : verdict${body}\n  }\n`;
};

/**
 * The nftables script that replaces all policies in one transaction. A forwarded packet has to be allowed by its sender's
 * egress and by its receiver's ingress; packets to the node by the sender's egress. What the node itself sends to its pods
 * (probes of the kubelet) never meets a rule, nor does an established connection.
 */
export const renderPolicies = (isolations: readonly Isolation[]): string => `table ${policyTable}
delete table ${policyTable}
table ${policyTable} {
${isolations.map(chain).join("")}${verdictMap("egress", isolations)}${verdictMap("ingress", isolations)}  chain forward {
    type filter hook forward priority 0; policy accept;
    ct state established,related accept
    ip saddr vmap @egress
    ip daddr vmap @ingress
  }
  chain input {
    type filter hook input priority 0; policy accept;
    ct state established,related accept
    ip saddr vmap @egress
  }
}
`;
