import { describe, expect, it } from "vitest";
import { known } from "../../../src/domain/reading.ts";
import { findCauses } from "../../../src/domain/rollout/find-causes.ts";
import type { Container } from "../../../src/domain/rollout/workload.ts";
import { ago, container, facts, job, podOf, warning } from "../../fakes/rollout-objects.ts";
import { cardOf } from "./card-of.ts";

const waiting = (reason: string, message: string): Partial<Container> => ({ phase: { kind: "waiting", reason, message } });

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
    expect(card?.fix).toMatch(/run the same migratectl command again.*logs migrations-1-x2x4z -c main --tail=50$/);
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
