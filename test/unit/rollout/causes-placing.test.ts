import { describe, expect, it } from "vitest";
import { known } from "../../../src/domain/reading.ts";
import { findCauses } from "../../../src/domain/rollout/find-causes.ts";
import type { Container, Pod } from "../../../src/domain/rollout/workload.ts";
import { ago, container, deployment, facts, podOf, warning } from "../../fakes/rollout-objects.ts";
import { backend, cardOf } from "./card-of.ts";

const image = "registry.client.example/migrate-platform/backend:1.0.0";
const resolve = `failed to pull and unpack image "${image}": failed to resolve reference "${image}"`;
const waiting = (reason: string, message: string): Partial<Container> => ({ image, phase: { kind: "waiting", reason, message } });

describe("an image that cannot be pulled", () => {
  it.each([
    ["not-found", `rpc error: code = NotFound desc = ${resolve}: ${image}: not found`],
    ["unauthorized", `${resolve}: pulling from host registry.client.example failed with status code [manifests 1.0.0]: 401 Unauthorized`],
    [
      "unauthorized",
      `${resolve}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    ],
    [
      "untrusted",
      `${resolve}: failed to do request: Head "https://registry.client.example/v2/x": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    ],
    ["wrong-platform", `failed to pull and unpack image "${image}": no match for platform in manifest sha256:aa: not found`],
    [
      "unreachable",
      `${resolve}: failed to do request: Head "https://registry.client.example/v2/x": dial tcp: lookup registry.client.example on 10.0.0.2:53: no such host`,
    ],
  ])("is told as %s from the runtime's words", (problem, message) => {
    const { cause } = cardOf({ container: waiting("ImagePullBackOff", `Back-off pulling image "${image}": ErrImagePull: ${message}`) });
    expect(cause).toMatchObject({ kind: "image-pull", problem, image });
  });

  it("takes the reason from the event where an older kubelet's status only says that it backs off", () => {
    const card = cardOf({
      container: waiting("ImagePullBackOff", `Back-off pulling image "${image}"`),
      events: [warning("Pod", "backend-x2x4z", "Failed", `Failed to pull image "${image}": ${resolve}: 401 Unauthorized`)],
    });
    expect(card.cause).toMatchObject({ problem: "unauthorized" });
  });

  describe("for want of a pull secret", () => {
    const pod = { containers: [container(waiting("ErrImagePull", "401 Unauthorized"))], pullSecrets: ["registry-credentials"] };
    const unread = (seconds: number) =>
      warning(
        "Pod",
        "backend-x2x4z",
        "FailedToRetrieveImagePullSecret",
        "Unable to retrieve some image pull secrets (registry-credentials); attempting to pull the image may not succeed.",
        { at: ago(seconds) },
      );
    const pulling = (seconds: number) => warning("Pod", "backend-x2x4z", "Pulling", "Pulling image", { type: "Normal", at: ago(seconds) });

    it("names it", () => {
      expect(cardOf({ pod, events: [unread(20)] }).fix).toContain("Pull secret registry-credentials is not there");
      expect(cardOf({ pod, events: [unread(20), pulling(19)] }).fix).toContain("is not there");
    });

    it("does not call it missing when the node has read it since: then it holds the wrong thing", () => {
      expect(cardOf({ pod, events: [unread(80), pulling(79), pulling(20)] }).fix).toMatch(/^Check the host, user and password behind/);
    });
  });

  it("counts as missing, not as untrusted, when another image came from the same registry", () => {
    const other = deployment("frontend", { ready: 1, available: 1 });
    const seen = facts({
      workloads: [backend, other],
      pods: [
        podOf(backend, { containers: [container(waiting("ErrImagePull", "x509: certificate signed by unknown authority"))] }),
        podOf(other, { ready: true }),
      ],
    });
    expect(findCauses(seen, new Map())[0]?.cause).toMatchObject({ kind: "image-pull", problem: "not-found" });
  });
});

describe("a pod that no node takes", () => {
  const unschedulable = (message: string): Partial<Pod> => ({
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
  });

  it("names the resource and how many nodes lack it", () => {
    const card = cardOf({
      pod: unschedulable(
        "0/3 nodes are available: 1 Insufficient memory, 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found.",
      ),
    });
    expect(card.cause).toMatchObject({ kind: "scheduling", nodes: 3, resources: ["memory", "cpu"] });
    expect(card.what).toBe("no node takes the pod (1 of 3: Insufficient memory; 3 of 3: Insufficient cpu)");
  });

  it("tells how much the pod asks for of what is short, and only of that", () => {
    const asking = (requests: Pod["requests"], short: string) =>
      cardOf({ pod: { ...unschedulable(`0/1 nodes are available: 1 Insufficient ${short}.`), requests } }).what;
    expect(asking({ cpu: "2500m", memory: "1Gi" }, "cpu")).toBe("no node takes the pod, which asks for 2.5 CPU (1 of 1: Insufficient cpu)");
    expect(asking({ memory: "68719476736" }, "memory")).toContain("which asks for 64 GiB of memory");
    expect(asking({ memory: "64Mi" }, "memory")).toContain("which asks for 64 MiB of memory");
    expect(asking({ "nvidia.com/gpu": "1" }, "nvidia.com/gpu")).toContain("which asks for 1 nvidia.com/gpu");
  });

  it("names the labels that it wants of a node, and how to give them", () => {
    const card = cardOf({
      pod: {
        ...unschedulable("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."),
        nodeSelector: { disk: "ssd" },
      },
    });
    expect(card.what).toMatch(/^no node takes the pod, which wants a node labelled disk=ssd \(1 of 1: /);
    expect(card.fix).toContain("kubectl label node NODE disk=ssd");
  });

  it("names the taints, which Kubernetes 1.34 no longer does, from the nodes", () => {
    const card = cardOf({
      pod: unschedulable(
        "0/1 nodes are available: 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
      ),
      facts: { nodes: known([{ name: "node-a", ready: true, cordoned: false, taints: ["dedicated=gpu:NoSchedule"], message: "" }]) },
    });
    expect(card.what).toContain("dedicated=gpu:NoSchedule");
    expect(card.fix).toContain("toleration");
  });

  it("still says what the scheduler says when nodes may not be listed", () => {
    const denied = { kind: "denied", verb: "list", resource: "nodes", message: "forbidden" } as const;
    const card = cardOf({ pod: unschedulable("0/2 nodes are available: 2 Too many pods."), facts: { nodes: denied } });
    expect(card.cause).toMatchObject({ resources: ["pods"], nodes: 2 });
  });
});

describe("a volume that is not there", () => {
  const claim = { name: "data", phase: "Pending", storageClass: "standard", requested: "200Gi", createdAt: ago(100) } as const;
  const unbound: Partial<Pod> = {
    claims: ["data"],
    containers: [container({ phase: { kind: "waiting", reason: "", message: "" } })],
    conditions: [
      {
        type: "PodScheduled",
        status: "False",
        reason: "Unschedulable",
        message: "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
      },
    ],
  };

  it("is a class that does not exist", () => {
    const card = cardOf({ pod: unbound, facts: { claims: known([{ ...claim, storageClass: "gold" }]) } });
    expect(card).toMatchObject({
      object: "PersistentVolumeClaim/data",
      cause: { kind: "volume", problem: "class-missing", storageClass: "gold" },
    });
  });

  it("is a missing default class", () => {
    const { storageClass: _, ...bare } = claim;
    const card = cardOf({ pod: unbound, facts: { claims: known([bare]), storageClasses: known([]) } });
    expect(card.cause).toMatchObject({ problem: "no-default-class" });
  });

  it("is a provisioner that never answered", () => {
    const card = cardOf({
      pod: unbound,
      facts: { claims: known([claim]) },
      events: [
        warning(
          "PersistentVolumeClaim",
          "data",
          "ExternalProvisioning",
          "Waiting for a volume to be created either by the external provisioner 'local.example/path' or manually",
        ),
      ],
    });
    expect(card.cause).toMatchObject({ problem: "provisioner-silent", provisioner: "local.example/path" });
  });

  it("is no trouble yet while a claim is young or its provisioner is at work", () => {
    const young = cardOf({ pod: unbound, facts: { claims: known([{ ...claim, createdAt: ago(5) }]) } });
    const working = cardOf({
      pod: unbound,
      facts: { claims: known([claim]) },
      events: [warning("PersistentVolumeClaim", "data", "Provisioning", "External provisioner is provisioning volume")],
    });
    expect([young.cause.kind, working.cause.kind]).toEqual(["progressing", "progressing"]);
  });

  it("is what the provisioner said when it failed", () => {
    const card = cardOf({
      pod: unbound,
      facts: { claims: known([claim]) },
      events: [warning("PersistentVolumeClaim", "data", "ProvisioningFailed", "no space left in pool-1")],
    });
    expect(card.what).toBe("claim data cannot be provisioned: no space left in pool-1");
  });

  it("is a lost claim, an absent claim or a failed mount", () => {
    const lost = cardOf({ pod: unbound, facts: { claims: known([{ ...claim, phase: "Lost" }]) } });
    const absent = cardOf({ pod: unbound });
    const bound = known([{ ...claim, phase: "Bound" as const }]);
    const mount = cardOf({
      pod: { claims: ["data"], containers: [container({ phase: { kind: "waiting", reason: "ContainerCreating", message: "" } })] },
      facts: { claims: bound },
      events: [
        warning(
          "Pod",
          "backend-x2x4z",
          "FailedAttachVolume",
          'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node',
        ),
      ],
    });
    expect([lost.cause, absent.cause, mount.cause].map((cause) => "problem" in cause && cause.problem)).toEqual([
      "claim-lost",
      "claim-missing",
      "mount-failed",
    ]);
  });

  it("is not the root while the claim only waits for a pod that fits nowhere", () => {
    const card = cardOf({
      pod: {
        claims: ["data"],
        conditions: [
          { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes are available: 1 Insufficient cpu." },
        ],
      },
      facts: { claims: known([claim]) },
    });
    expect(card.cause.kind).toBe("scheduling");
  });
});
