import { describe, expect, it } from "vitest";
import type { Isolation, PodEndpoint } from "./compile.ts";
import { renderPolicies } from "./nftables.ts";

const backend: PodEndpoint = { namespace: "client", name: "backend", labels: {}, ip: "10.0.0.2", ports: [] };

const rulesFor = (isolation: Omit<Isolation, "pod">): readonly string[] => {
  const chain = renderPolicies([{ pod: backend, ...isolation }])
    .split(/ {2}chain /)
    .find((text) => text.startsWith(`${isolation.direction}_0`));
  const [, ...lines] = (chain ?? "").split("\n").map((line) => line.trim());
  return lines.slice(0, lines.indexOf("}"));
};

describe("the nftables script", () => {
  it("replaces the whole table in one transaction", () => {
    expect(renderPolicies([]).split("\n").slice(0, 3)).toEqual([
      "table inet sandbox_policy",
      "delete table inet sandbox_policy",
      "table inet sandbox_policy {",
    ]);
  });

  it("lets established connections pass before any policy is asked", () => {
    const forward = renderPolicies([]).split("chain forward")[1] ?? "";
    expect(forward.indexOf("established,related accept")).toBeLessThan(forward.indexOf("vmap"));
  });

  it("asks the sender's egress and the receiver's ingress of what is forwarded, and the sender's egress of what is for the node", () => {
    const [forward = "", input = ""] = renderPolicies([]).split("chain forward")[1]?.split("chain input") ?? [];
    expect(forward).toMatch(/ip saddr vmap @egress\n\s+ip daddr vmap @ingress/);
    expect(input).toContain("ip saddr vmap @egress");
    expect(input).not.toContain("@ingress");
  });

  it("sends an isolated pod's packets to its chain, by direction", () => {
    const script = renderPolicies([
      { pod: backend, direction: "ingress", allowed: [] },
      { pod: backend, direction: "egress", allowed: [] },
    ]);
    expect(script).toMatch(/map ingress \{[^}]*10\.0\.0\.2 : jump ingress_0/);
    expect(script).toMatch(/map egress \{[^}]*10\.0\.0\.2 : jump egress_1/);
  });

  it("drops what nothing allows, counted and with the pod's name, after letting the pod talk to itself", () => {
    expect(rulesFor({ direction: "ingress", allowed: [] })).toEqual([
      "ip saddr 10.0.0.2 return",
      'counter drop comment "ingress of client/backend"',
    ]);
  });

  it("judges incoming connections by their sender and outgoing ones by their receiver", () => {
    const allowed = [{ peers: [{ kind: "pod", ip: "10.0.0.9" } as const], ports: undefined }];
    expect(rulesFor({ direction: "ingress", allowed })[1]).toBe("ip saddr { 10.0.0.9 } return");
    expect(rulesFor({ direction: "egress", allowed })[1]).toBe("ip daddr { 10.0.0.9 } return");
  });

  it("writes one rule per port, and ranges as ranges", () => {
    const ports = [{ protocol: "udp", from: 53, to: 53 } as const, { protocol: "tcp", from: 100, to: 200 } as const];
    expect(rulesFor({ direction: "egress", allowed: [{ peers: [{ kind: "anyone" }], ports }] }).slice(1, 3)).toEqual([
      "udp dport 53 return",
      "tcp dport 100-200 return",
    ]);
  });

  it("takes every exception out of a block, overlapping ones too", () => {
    const block = { kind: "block", cidr: "10.0.0.0/8", except: ["10.1.0.0/16", "10.1.2.0/24"] } as const;
    expect(rulesFor({ direction: "egress", allowed: [{ peers: [block], ports: undefined }] })[1]).toBe(
      "ip daddr 10.0.0.0/8 ip daddr != 10.1.0.0/16 ip daddr != 10.1.2.0/24 return",
    );
  });

  it("shortens the comment of a pod with a long name to what the kernel takes", () => {
    const pod = { ...backend, name: "p".repeat(253) };
    const comment = /comment "(.*)"/.exec(renderPolicies([{ pod, direction: "ingress", allowed: [] }]))?.[1];
    expect(comment?.length).toBeLessThanOrEqual(127);
  });
});
