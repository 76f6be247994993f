import { describe, expect, it } from "vitest";
import { known } from "../../../src/domain/reading.ts";
import type { CauseCard } from "../../../src/domain/rollout/cause.ts";
import { findCauses, logsWanted } from "../../../src/domain/rollout/find-causes.ts";
import type { ClusterEvent, Container, Pod, RolloutFacts } from "../../../src/domain/rollout/workload.ts";
import { ago, container, deployment, facts, job, podOf, statefulSet, warning } from "../../fakes/rollout-objects.ts";

const backend = deployment("backend");

/** The only card of a backend with one pod, its container and the events about it. */
function cardOf(over: {
  container?: Partial<Container>;
  pod?: Partial<Pod>;
  events?: readonly ClusterEvent[];
  facts?: Partial<RolloutFacts>;
  logs?: readonly string[];
}): CauseCard {
  const pod = podOf(backend, { containers: [container(over.container)], ...over.pod });
  const seen = facts({ workloads: [backend], pods: [pod], events: known(over.events ?? []), ...over.facts });
  const logs = new Map(
    logsWanted(seen).map((source) => [`${source.pod}/${source.container}/${source.previous ? "previous" : "current"}`, over.logs ?? []]),
  );
  const [card, ...more] = findCauses(seen, logs);
  if (card === undefined || more.length > 0) throw new Error(`expected one card, got ${more.length + (card === undefined ? 0 : 1)}`);
  return card;
}

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

describe("missing configuration", () => {
  it("names a Secret, or a key of it, that the container needs", () => {
    const absent = cardOf({ container: waiting("CreateContainerConfigError", 'secret "postgres-credentials" not found') });
    const key = cardOf({
      container: waiting("CreateContainerConfigError", "couldn't find key app-password in Secret client-acme/postgres-credentials"),
    });
    expect(absent.cause).toMatchObject({ kind: "config-missing", object: "Secret", name: "postgres-credentials" });
    expect(key.what).toBe('Secret "postgres-credentials" has no key "app-password"');
  });

  it("names the ConfigMap of a volume, and the Secret behind a volume whose key is missing", () => {
    const creating = container({ phase: { kind: "waiting", reason: "ContainerCreating", message: "" } });
    const configmap = cardOf({
      pod: { containers: [creating] },
      events: [
        warning("Pod", "backend-x2x4z", "FailedMount", 'MountVolume.SetUp failed for volume "tenants" : configmap "tenants" not found'),
      ],
    });
    const key = cardOf({
      pod: { containers: [creating], configVolumes: [{ volume: "credentials", object: "Secret", name: "app-secrets" }] },
      events: [
        warning(
          "Pod",
          "backend-x2x4z",
          "FailedMount",
          'MountVolume.SetUp failed for volume "credentials" : references non-existent secret key: jwt-secret',
        ),
      ],
    });
    expect(configmap.cause).toMatchObject({ object: "ConfigMap", name: "tenants" });
    expect(key.cause).toMatchObject({ object: "Secret", name: "app-secrets", key: "jwt-secret" });
  });
});

describe("a container that ends", () => {
  it("is a crash with exit code, restarts and its last line", () => {
    const card = cardOf({
      container: {
        restarts: 4,
        phase: { kind: "waiting", reason: "CrashLoopBackOff", message: "back-off 40s" },
        last: { exitCode: 3, reason: "Error", message: "" },
      },
      logs: ["starting", "FATAL: cannot open /etc/app.conf"],
    });
    expect(card.what).toBe("container main ended with exit code 3, restarted 4 times: FATAL: cannot open /etc/app.conf");
    expect(card.lines).toHaveLength(2);
    expect(card.fix).toBe("Mend what its log names: kubectl -n client-acme logs backend-x2x4z -c main --tail=50");
  });

  it("is looked for in the log of the run before, once it runs again", () => {
    const card = cardOf({
      container: { restarts: 1, phase: { kind: "running", since: ago(2) }, last: { exitCode: 3, reason: "Error", message: "" } },
    });
    expect(card.fix).toBe("Mend what its log names: kubectl -n client-acme logs backend-x2x4z -c main --previous --tail=50");
  });

  it("was killed for want of memory when the kernel did it", () => {
    const killed = { restarts: 1, phase: { kind: "terminated", exitCode: 137, reason: "OOMKilled", message: "" } } as const;
    const card = cardOf({ container: { ...killed, memoryLimit: "64Mi" } });
    expect(card.what).toBe("container main was killed for want of memory (OOMKilled) at its limit of 64Mi, restarted once");
    expect(card.fix).toContain("more memory");
    expect(cardOf({ container: killed }).what).toBe("container main was killed for want of memory (OOMKilled), restarted once");
  });

  it("was killed by its liveness probe when the kubelet says so", () => {
    const card = cardOf({
      container: { restarts: 3, phase: { kind: "running", since: ago(4) }, last: { exitCode: 137, reason: "Error", message: "" } },
      events: [
        warning("Pod", "backend-x2x4z", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"),
        warning(
          "Pod",
          "backend-x2x4z",
          "Unhealthy",
          "(combined from similar events): Readiness probe errored and resulted in unknown state: rpc error",
        ),
        warning("Pod", "backend-x2x4z", "Killing", "Container main failed liveness probe, will be restarted", { type: "Normal" }),
      ],
    });
    expect(card.cause).toMatchObject({ kind: "probe", probe: "liveness", restarts: 3, message: "HTTP probe failed with statuscode: 500" });
  });

  it("never started when the runtime could not run its command", () => {
    const card = cardOf({
      container: {
        restarts: 2,
        phase: { kind: "waiting", reason: "CrashLoopBackOff", message: "" },
        last: { exitCode: 128, reason: "StartError", message: 'exec: "/app": no such file' },
      },
    });
    expect(card.cause).toMatchObject({ kind: "start-refused", message: 'exec: "/app": no such file' });
  });

  it("tells what the innermost of the runtime's layers said, and that a missing program means another image", () => {
    const message = (end: string) =>
      `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${end}: unknown`;
    const refused = (end: string) =>
      cardOf({ container: { phase: { kind: "waiting", reason: "RunContainerError", message: message(end) } } });
    const missing = refused('exec: "/app": stat /app: no such file or directory');
    expect(missing.what).toBe('the node cannot start container main: exec: "/app": stat /app: no such file or directory');
    expect(missing.fix).toMatch(/^The image is not the one that the chart was made for/);
    expect(refused("error mounting /data: permission denied").fix).toMatch(/^Look at the pod/);
  });
});

describe("a container that runs and is not ready", () => {
  it("fails a probe, and the card says which and what it answered", () => {
    const card = cardOf({
      events: [
        warning(
          "Pod",
          "backend-x2x4z",
          "Unhealthy",
          'Readiness probe failed: Get "http://10.1.0.5:8000/health/ready": dial tcp 10.1.0.5:8000: connect: connection refused',
        ),
      ],
      logs: ["listening on 9000"],
    });
    expect(card.cause).toMatchObject({ kind: "probe", probe: "readiness" });
    expect(card.what).toContain("connection refused");
    expect(card.lines).toEqual(["listening on 9000"]);
  });

  it("is only starting in its first seconds", () => {
    expect(cardOf({ container: { phase: { kind: "running", since: ago(6) } } }).cause).toMatchObject({
      kind: "progressing",
      doing: "main is starting",
    });
  });

  it("waits for an init container that goes on and on", () => {
    const init = container({ name: "wait-for-db", role: "init", phase: { kind: "running", since: ago(80) } });
    const card = cardOf({ pod: { containers: [init, container(waiting("PodInitializing", ""))] }, logs: ["no answer from postgres:5432"] });
    expect(card.what).toBe("init container wait-for-db has run for 80 s and not ended");
    expect(card.lines).toEqual(["no answer from postgres:5432"]);
  });
});

describe("pods that may not be made", () => {
  const none = { existing: 0, updated: 0 };

  it.each([
    [
      "quota",
      'pods "backend-5d9c7b-" is forbidden: exceeded quota: tenant, requested: requests.cpu=500m, used: requests.cpu=8, limited: requests.cpu=8',
    ],
    ["pod-security", 'pods "backend-5d9c7b-" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'],
    ["webhook", 'admission webhook "policy.client.example" denied the request: no owner label'],
    ["limit-range", 'pods "backend-5d9c7b-" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi'],
    [
      "service-account",
      'pods "backend-5d9c7b-" is forbidden: error looking up service account client-acme/backend: serviceaccount "backend" not found',
    ],
  ])("are refused by %s", (by, message) => {
    const workload = deployment("backend", none);
    const seen = facts({
      workloads: [workload],
      events: known([warning("ReplicaSet", "backend-5d9c7b", "FailedCreate", `Error creating: ${message}`)]),
    });
    expect(findCauses(seen, new Map())[0]?.cause).toEqual({ kind: "refused", by, message });
  });

  it("are told from the Deployment's condition when events may not be read", () => {
    const workload = deployment("backend", {
      ...none,
      conditions: [
        { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: 'pods "x" is forbidden: exceeded quota: tenant' },
      ],
    });
    const seen = facts({ workloads: [workload], events: { kind: "denied", verb: "list", resource: "events", message: "" } });
    expect(findCauses(seen, new Map())[0]?.cause).toMatchObject({ kind: "refused", by: "quota" });
  });

  it("are refused, too, while those of the revision before still run", () => {
    const workload = deployment("backend", {
      ready: 1,
      available: 1,
      existing: 1,
      updated: 0,
      replicaSets: ["backend-old", "backend-new"],
    });
    const events = known([
      warning("ReplicaSet", "backend-old", "SuccessfulCreate", "Created pod: backend-old-1", { at: ago(600), type: "Normal" }),
      warning("ReplicaSet", "backend-new", "FailedCreate", 'Error creating: pods "backend-new-1" is forbidden: exceeded quota: tenant'),
    ]);
    expect(findCauses(facts({ workloads: [workload], events }), new Map())[0]).toMatchObject({
      cause: { kind: "refused", by: "quota" },
      what: "the namespace's ResourceQuota leaves no room for the pods: exceeded quota: tenant",
    });
  });

  it("are refused by a webhook, or kept back by one that does not answer", () => {
    const what = (message: string) =>
      findCauses(
        facts({ workloads: [deployment("backend", none)], events: known([warning("Deployment", "backend", "FailedCreate", message)]) }),
        new Map(),
      )[0]?.what;
    expect(what('admission webhook "policy.client.example" denied the request: no owner')).toMatch(
      /^an admission webhook refuses the pods: /,
    );
    expect(what('Internal error occurred: failed calling webhook "policy.client.example": no endpoints available')).toMatch(
      /^an admission webhook that does not answer keeps the pods from being made: /,
    );
  });

  it("are told with every field that pod security names, however many", () => {
    const fields = Array.from({ length: 12 }, (_, index) => `field-${index} (container "main" must set securityContext.field-${index})`);
    const message = `pods "x" is forbidden: violates PodSecurity "restricted:latest": ${fields.join(", ")}`;
    const seen = facts({
      workloads: [deployment("backend", none)],
      events: known([warning("Deployment", "backend", "FailedCreate", message)]),
    });
    expect(findCauses(seen, new Map())[0]?.what).toContain("securityContext.field-11");
  });

  it("are forgotten once the controller has made a pod after all", () => {
    const workload = statefulSet("postgres", { wanted: 2, existing: 1 });
    const events = known([
      warning("StatefulSet", "postgres", "FailedCreate", "create Pod postgres-0 in StatefulSet postgres failed error: exceeded quota", {
        at: ago(30),
      }),
      warning("StatefulSet", "postgres", "SuccessfulCreate", "create Pod postgres-0 in StatefulSet postgres successful", {
        at: ago(9),
        type: "Normal",
      }),
    ]);
    expect(findCauses(facts({ workloads: [workload], events }), new Map())[0]?.cause.kind).toBe("progressing");
  });
});

describe("a job, a node and an eviction", () => {
  it("tells the exit code and last line of a job that gave up", () => {
    const migrations = job("migrations-1", {
      component: "migrations",
      conditions: [
        { type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" },
      ],
    });
    const pod = podOf(migrations, {
      phase: "Failed",
      containers: [container({ phase: { kind: "terminated", exitCode: 3, reason: "Error", message: "" } })],
    });
    const logs = new Map([["migrations-1-x2x4z/main/current", ["install 1.1.0 first"]]]);
    const [card] = findCauses(facts({ workloads: [migrations], pods: [pod] }), logs);
    expect(card?.what).toBe("the job gave up (BackoffLimitExceeded), exit code 3: install 1.1.0 first");
    expect(card?.fix).toMatch(/logs migrations-1-x2x4z -c main --tail=50; kubectl -n client-acme delete job migrations-1$/);
  });

  it("lets the CronJob of a job that gave up make the next one", () => {
    const failed = [{ type: "Failed", status: "True", reason: "DeadlineExceeded", message: "Job was active too long" }] as const;
    const backup = job("backup-full-1", { component: "backup", cronJob: "backup-full", conditions: failed });
    const [card] = findCauses(facts({ workloads: [backup] }), new Map());
    expect(card?.what).toBe("the job gave up (DeadlineExceeded): Job was active too long");
    expect(card?.fix).toContain("describe job backup-full-1");
    expect(card?.fix).toContain("create job --from=cronjob/backup-full");
  });

  it("names the node that is lost", () => {
    const nodes = known([{ name: "node-a", ready: false, cordoned: false, taints: [], message: "Kubelet stopped posting node status." }]);
    expect(cardOf({ facts: { nodes } })).toMatchObject({ object: "Node/node-a", cause: { kind: "node-lost" } });
  });

  it("tells why the node gave the pod up", () => {
    const card = cardOf({ pod: { phase: "Failed", reason: "Evicted", message: "The node was low on resource: ephemeral-storage." } });
    expect(card.what).toBe("the node gave the pod up (Evicted): The node was low on resource: ephemeral-storage.");
  });
});
