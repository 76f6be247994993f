import { X509Certificate } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { certificates } from "../../../src/adapters/node/certificates.ts";
import { createHttpProbe } from "../../../src/adapters/node/http-probe.ts";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { known } from "../../../src/domain/reading.ts";
import { overallVerdict } from "../../../src/domain/smoke/check.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Tunnels } from "../../../src/ports/tunnel.ts";
import { runSmoke, smokeFailed } from "../../../src/workflow/smoke/run-smoke.ts";
import { FakePlatform, type PlatformFault } from "../../fakes/fake-platform.ts";
import { FakeWorkloads } from "../../fakes/fake-workloads.ts";
import { deployment, facts, podOf, ready, statefulSet } from "../../fakes/rollout-objects.ts";

const host = "migrate.client.example";
let platform: FakePlatform;
let workloads: FakeWorkloads;
let pem: string;

beforeEach(async () => {
  const pair = await certificates.selfSigned(host, new Date(), 365);
  pem = pair.certificate;
  platform = await FakePlatform.start({ certificate: pair.certificate, key: pair.key });
  workloads = new FakeWorkloads();
  workloads.release.facts = readyRelease();
  workloads.release.entryPoints = known([
    { kind: "Ingress", name: "migrate-platform", host, tls: true, tlsSecret: "migrate-platform-tls", addresses: [], paths: [] },
  ]);
  workloads.release.certificates = new Map([["migrate-platform-tls", publicPart(pem)]]);
  workloads.release.autoscalers = known([
    {
      name: "backend",
      target: { kind: "Deployment", name: "backend" },
      minimum: 2,
      maximum: 5,
      metrics: [{ name: "cpu", target: "70%", current: "12%" }],
    },
  ]);
});

afterEach(() => platform.stop());

function readyRelease() {
  const backend = deployment("backend", ready);
  const mcp = deployment("mcp-assessment-tools", ready);
  const worker = deployment("worker", ready);
  const replica = statefulSet("postgres-replica", ready);
  const pods = [backend, mcp, worker].map((one) => podOf(one, { ready: true }));
  return facts({ workloads: [backend, mcp, worker, replica], pods });
}

function publicPart(chainPem: string) {
  const certificate = new X509Certificate(chainPem);
  return {
    chainPem,
    facts: {
      names: [host],
      issuer: certificate.issuer,
      notBefore: certificate.validFromDate,
      notAfter: certificate.validToDate,
      selfSigned: true,
      fingerprint: certificate.fingerprint256,
    },
  };
}

/** Time that passes as soon as somebody waits for it, so that a stuck assessment costs no two minutes. */
function hastyClock(): Clock {
  let ahead = 0;
  return {
    now: () => new Date(Date.now() + ahead),
    pause: async (ms, signal) => {
      signal.throwIfAborted();
      ahead += ms;
    },
  };
}

async function smoke(
  faults: readonly PlatformFault[] = [],
  wanted: { version?: string; schemaRevision?: string } = { version: "1.0.0", schemaRevision: "0002" },
  tunnels: Tunnels = platform.tunnels(),
) {
  for (const fault of faults) platform.faults.add(fault);
  const ports = { workloads, tunnels, http: createHttpProbe(), clock: hastyClock(), nonce: () => "c0ffee" };
  const target = {
    release: "migrate-platform",
    namespace: "client-acme",
    wanted,
    ingressAddress: { host: "127.0.0.1", httpsPort: platform.port("https"), httpPort: platform.port("http") },
  };
  const told: string[] = [];
  const report = await runSmoke(ports, target, { onCheck: (check) => told.push(check.id) }, AbortSignal.timeout(60_000));
  return { report, told, of: (id: string) => report.checks.find((check) => check.id === id) };
}

describe("smoke against a platform that works", () => {
  it("passes every check and tells each as it ends", async () => {
    const { report, told } = await smoke();
    expect(report.checks.filter((check) => check.verdict !== "pass")).toEqual([]);
    expect(told.toSorted()).toEqual(report.checks.map((check) => check.id).toSorted());
    expect(told).toHaveLength(15);
  });

  it("says what was asked, what was answered and how long it took", async () => {
    const { of } = await smoke();
    expect(of("assessment")).toMatchObject({
      asked: "POST /api/v1/assessments, GET /api/v1/assessments/{id}",
      answered: "completed through backend > worker",
    });
    expect(of("vector")?.answered).toBe("pgvector 0.8.0");
    expect(of("ingress-certificate")?.answered).toContain("364 days left");
    expect(of("health")?.milliseconds).toBeGreaterThanOrEqual(0);
  });

  it("sets and gets the very key of this run", async () => {
    await smoke();
    expect(platform.requests).toContain("GET /api/v1/cache/smoke-c0ffee");
  });
});

describe("smoke against a platform with a fault", () => {
  it.each<readonly [PlatformFault, string, string]>([
    ["unhealthy", "health", "/health answers 503"],
    ["database-down", "database", "OperationalError"],
    ["no-vector", "vector", "extension vector"],
    ["replica-behind", "replicas", "does not stream"],
    ["cache-forgets", "cache", "it answers 404"],
    ["tenant-unknown", "tenant", "it answers 404"],
    ["old-schema", "version", "the release needs schema 0002"],
    ["worker-stuck", "assessment", "no worker takes it"],
    ["worker-fails", "assessment", "could not finish it"],
    ["mcp-empty", "mcp", "not what the contract says"],
    ["no-redirect", "ingress-redirect", "not sent on to HTTPS"],
    ["page-missing", "frontend-page", "answers 404"],
    ["config-missing", "frontend-config", "frontend-config"],
  ])("finds %s in check %s, and runs the rest all the same", async (fault, id, reason) => {
    const { report, of } = await smoke([fault]);
    expect(of(id)).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
    expect(report.checks).toHaveLength(15);
    expect(overallVerdict(report.checks)).toBe("fail");
    expect(smokeFailed(report)).toMatchObject({ code: "SMOKE_FAILED", exit: "attention" });
  });

  it("does not wait for the end of a long queue on which the workers work, and says so", async () => {
    const { report, of } = await smoke(["queue-long"]);
    expect(of("assessment")).toMatchObject({ verdict: "warn", answered: "waits behind others: 3 finished in 20 s" });
    expect(overallVerdict(report.checks)).toBe("warn");
  });

  it("warns where the release's own schema is another one and nothing else is asked for: its pods are ready on it", async () => {
    platform.ownSchema = "0003";
    expect((await smoke([], { version: "1.0.0" })).of("version")).toMatchObject({
      verdict: "warn",
      reason: expect.stringContaining("0003"),
    });
    expect((await smoke()).of("version")).toMatchObject({ verdict: "pass" });
  });

  it("takes a proxy's page for no answer of the API", async () => {
    const { of } = await smoke(["html-everywhere"]);
    expect(of("database")).toMatchObject({ verdict: "fail", reason: "the answer is not what the contract says" });
  });

  it("finds a version that is not the release's, here and through the ingress", async () => {
    const { of } = await smoke([], { version: "1.1.0" });
    expect([of("version")?.reason, of("ingress-api")?.reason]).toEqual(["the release is 1.1.0", "the release is 1.1.0"]);
  });

  it("fails on a certificate that is not the Secret's", async () => {
    const other = await certificates.selfSigned(host, new Date(), 365);
    workloads.release.certificates = new Map([["migrate-platform-tls", publicPart(other.certificate)]]);
    const { of } = await smoke();
    expect(of("ingress-certificate")).toMatchObject({ verdict: "fail", reason: expect.stringContaining("another certificate") });
  });

  it("gives the ingress some seconds to learn who is ready, and no more", async () => {
    platform.unsettled = 5;
    expect(overallVerdict((await smoke()).report.checks)).toBe("pass");
    platform.unsettled = 1000;
    const { of } = await smoke();
    expect([of("frontend-page")?.verdict, of("ingress-api")?.verdict]).toEqual(["fail", "fail"]);
    expect(platform.unsettled).toBeGreaterThan(900);
  });

  it("gives the ingress some seconds to leave the pods of the release of before, and no more", async () => {
    platform.outgoing = 5;
    expect(overallVerdict((await smoke()).report.checks)).toBe("pass");
    platform.outgoing = 1000;
    expect((await smoke()).of("ingress-api")).toMatchObject({ verdict: "fail", answered: "version 0.9.0, schema 0001" });
    expect(platform.outgoing).toBeGreaterThan(900);
  });

  it("fails on an ingress that nobody listens for, with its address", async () => {
    const free = platform.port("https");
    const other = await FakePlatform.start(await certificates.selfSigned(host, new Date(), 1));
    await platform.stop();
    const ports = { workloads, tunnels: other.tunnels(), http: createHttpProbe(), clock: hastyClock(), nonce: () => "x" };
    const target = {
      release: "migrate-platform",
      namespace: "client-acme",
      wanted: {},
      ingressAddress: { host: "127.0.0.1", httpsPort: free },
    };
    const report = await runSmoke(ports, target, { onCheck: () => undefined }, AbortSignal.timeout(30_000));
    await other.stop();
    expect(report.checks.find((check) => check.id === "frontend-page")).toMatchObject({
      verdict: "fail",
      reason: "127.0.0.1 refuses the connection",
    });
    expect(report.checks.find((check) => check.id === "ingress-redirect")).toMatchObject({ verdict: "skipped" });
  });
});

describe("smoke on a platform whose pods are moved meanwhile", () => {
  const backend = deployment("backend", ready);
  const [first, second] = ["backend-1", "backend-2"].map((name) => ({ ...podOf(backend, { ready: true }), name }));
  /** Tunnels to the first pod break; by then the cluster has what `after` says. */
  const broken = (after: () => void): Tunnels => ({
    to: (target) => ({
      connect: async (signal) => {
        if (target.pod !== "backend-1") return platform.tunnels().to(target).connect(signal);
        after();
        throw new Problem("TUNNEL_FAILED", { what: "the pod is gone" });
      },
    }),
  });
  const withPods = (...pods: readonly (typeof first)[]) => {
    const rest = readyRelease();
    const others = rest.pods.filter(({ component }) => component !== "backend");
    workloads.release.facts = { ...rest, pods: [...others, ...pods.flatMap((pod) => pod ?? [])] };
  };

  it("asks another pod in place of one that was taken away", async () => {
    withPods(first, second);
    const { report } = await smoke(
      [],
      undefined,
      broken(() => withPods(second)),
    );
    expect(report.checks.filter((check) => check.verdict !== "pass")).toEqual([]);
  });

  it("fails where the pod is still there and does not answer", async () => {
    withPods(first, second);
    const { of } = await smoke(
      [],
      undefined,
      broken(() => undefined),
    );
    expect(of("health")).toMatchObject({ verdict: "fail", answered: "backend-1: no answer" });
    expect(of("version")).toMatchObject({ verdict: "fail", reason: expect.stringContaining("the pod is gone") });
  });

  it("fails where none is left", async () => {
    withPods(first);
    const { of } = await smoke(
      [],
      undefined,
      broken(() => withPods()),
    );
    expect([of("health")?.answered, of("version")?.reason]).toEqual(["no pod", "no pod is ready"]);
  });
});

describe("smoke where something is not there to be asked", () => {
  it("skips with a reason: no ingress, no replicas, no autoscalers", async () => {
    const backend = deployment("backend", ready);
    workloads.release.facts = facts({ workloads: [backend], pods: [podOf(backend, { ready: true })] });
    workloads.release.entryPoints = known([]);
    workloads.release.autoscalers = { kind: "denied", verb: "list", resource: "horizontalpodautoscalers", message: "" };
    platform.replicas = 0;
    const { of, report } = await smoke();
    expect(of("ingress-certificate")).toMatchObject({ verdict: "skipped", reason: "this release has no ingress" });
    expect(of("replicas")).toMatchObject({ verdict: "skipped" });
    expect(of("autoscalers")?.reason).toContain("horizontalpodautoscalers");
    expect(of("mcp")?.verdict).toBe("skipped");
    expect(overallVerdict(report.checks)).toBe("pass");
  });

  it("fails health and skips the API when no backend pod is ready", async () => {
    workloads.release.facts = facts({ workloads: [deployment("backend")] });
    const { of } = await smoke();
    expect(of("health")).toMatchObject({ verdict: "fail" });
    expect(of("assessment")).toMatchObject({ verdict: "skipped", reason: "no backend pod is ready" });
    expect(of("frontend-page")?.verdict).toBe("pass");
  });

  it("warns of autoscalers that never learn their figures, with the controller's reason", async () => {
    const trouble = { reason: "FailedGetResourceMetric", message: "unable to fetch metrics from resource metrics API" };
    workloads.release.autoscalers = known([
      {
        name: "backend",
        target: { kind: "Deployment", name: "backend" },
        minimum: 2,
        maximum: 5,
        metrics: [{ name: "cpu", target: "70%" }],
        trouble,
      },
    ]);
    const { of } = await smoke();
    expect(of("autoscalers")).toMatchObject({ verdict: "warn", reason: expect.stringContaining("unable to fetch metrics") });
  });

  it("refuses a release of which nothing is there", async () => {
    workloads.release.facts = facts();
    await expect(smoke()).rejects.toMatchObject({ code: "STATUS_NOT_INSTALLED" });
  });
});
