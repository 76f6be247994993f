import { describe, expect, it } from "vitest";
import { statusPresenter } from "../../../src/cli/presenters/status.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { known } from "../../../src/domain/reading.ts";
import type { DrillRun } from "../../../src/domain/recovery/drill.ts";
import type { RedisKeeping } from "../../../src/domain/recovery/redis-snapshot.ts";
import { allowedAge, assessBackup } from "../../../src/domain/status/assess.ts";
import { covers } from "../../../src/domain/status/certificate.ts";
import type { BackupJob, HelmFacts } from "../../../src/domain/status/release-facts.ts";
import type { PrimaryState } from "../../../src/ports/backup-host.ts";
import type { BesidePorts } from "../../../src/workflow/scratch/beside.ts";
import { readStatus } from "../../../src/workflow/status/read-status.ts";
import { FakeWorkloads } from "../../fakes/fake-workloads.ts";
import { ago, container, deployment, facts, moment, podOf, ready, statefulSet } from "../../fakes/rollout-objects.ts";

const scope = { release: "migrate-platform", namespace: "client-acme" };
const helm: HelmFacts = {
  revision: 2,
  status: "deployed",
  chartName: "migrate-platform",
  chartVersion: "1.0.0",
  appVersion: "1.0.0",
  deployedAt: ago(3600),
  profile: "small",
};
const day = 86_400;

function installed(): FakeWorkloads {
  const workloads = new FakeWorkloads();
  workloads.release.helm = known(helm);
  workloads.release.facts = facts({
    workloads: [deployment("backend", ready), deployment("frontend", ready), statefulSet("postgres", ready)],
  });
  return workloads;
}

const nobody = { latest: async () => undefined };
const nothing = {
  host: { drills: async () => [], redis: async () => undefined, primary: async () => undefined },
  scratch: { find: async () => undefined },
};
const read = (workloads: FakeWorkloads, beside: BesidePorts = nothing) =>
  readStatus({ workloads, record: nobody, beside }, scope, AbortSignal.timeout(5_000));
const entry = {
  kind: "Ingress",
  name: "migrate-platform",
  host: "migrate.client.example",
  tls: true,
  tlsSecret: "tls",
  addresses: ["10.0.0.7"],
  paths: [],
} as const;
const certificate = (days: number, names = ["migrate.client.example"]) => ({
  chainPem: "",
  facts: {
    names,
    issuer: "CN=x",
    notBefore: ago(day),
    notAfter: new Date(moment.getTime() + days * day * 1000),
    selfSigned: true,
    fingerprint: "AA",
  },
});

describe("status of a release", () => {
  it("is ready when everything is, and ends with 0", async () => {
    const status = await read(installed());
    expect(status).toMatchObject({ summary: "ready", needsAttention: false, version: "1.0.0", concerns: [] });
    expect(statusPresenter.exit?.(status)).toBe("ok");
  });

  it("is progressing while nothing is wrong, degraded when something is, down when an essential part serves nothing", async () => {
    const workloads = installed();
    workloads.release.facts = facts({ workloads: [deployment("backend", ready), deployment("worker")] });
    expect((await read(workloads)).summary).toBe("progressing");
    const worker = deployment("worker");
    const crashed = podOf(worker, {
      containers: [container({ restarts: 3, phase: { kind: "terminated", exitCode: 1, reason: "Error", message: "" } })],
    });
    workloads.release.facts = facts({ workloads: [deployment("backend", ready), worker], pods: [crashed] });
    const degraded = await read(workloads);
    expect([degraded.summary, statusPresenter.exit?.(degraded)]).toEqual(["degraded", "attention"]);
    const backend = deployment("backend");
    workloads.release.facts = facts({ workloads: [backend], pods: [{ ...crashed, owner: { kind: "Deployment", name: "backend" } }] });
    expect((await read(workloads)).summary).toBe("down");
  });

  it("refuses a release that neither Helm nor the cluster knows", async () => {
    await expect(read(new FakeWorkloads())).rejects.toMatchObject({ code: "STATUS_NOT_INSTALLED", exit: "attention" });
  });

  it("tells what may not be read as unknown, and does not call for anybody because of it", async () => {
    const workloads = installed();
    workloads.release.helm = { kind: "denied", verb: "list", resource: "secrets", message: "" };
    const status = await read(workloads);
    expect(status.needsAttention).toBe(false);
    expect(statusPresenter.json(status)).toMatchObject({ unknown: ["Helm's record: the right to list secrets is missing"] });
  });

  it("calls for somebody when Helm stopped half-way, or a ready container keeps ending", async () => {
    const workloads = installed();
    workloads.release.helm = known({ ...helm, status: "pending-upgrade" });
    const worker = deployment("worker", ready);
    const flapping = container({
      ready: true,
      restarts: 7,
      last: { exitCode: 137, reason: "OOMKilled", message: "", finishedAt: ago(300) },
    });
    workloads.release.facts = facts({ workloads: [worker], pods: [podOf(worker, { ready: true, containers: [flapping] })] });
    expect((await read(workloads)).concerns).toEqual([
      "worker: container main of worker-x2x4z has restarted 7 times, last for want of memory",
      "Helm calls the release pending-upgrade",
    ]);
  });

  it.each([
    [400, undefined, []],
    [12, undefined, ["https://migrate.client.example/: the certificate ends in 12 days"]],
    [-3, undefined, ["https://migrate.client.example/: the certificate expired 3 days ago"]],
    [400, ["other.example"], ["https://migrate.client.example/: the certificate is for other.example"]],
  ])("judges a certificate with %d days left", async (days, names, concerns) => {
    const workloads = installed();
    workloads.release.entryPoints = known([entry]);
    workloads.release.certificates = new Map([["tls", certificate(days, names)]]);
    expect((await read(workloads)).concerns).toEqual(concerns);
  });

  it("says who did the last thing, when", async () => {
    const last = {
      revision: 1,
      workflow: "install",
      run: "install-1",
      startedAt: "2026-03-01T11:00:00Z",
      finishedAt: "2026-03-01T11:05:00Z",
      by: { cluster: "admin", host: "ada@jump" },
      version: "1.0.0",
      planDigest: "x",
      outcome: "succeeded",
      skippedChecks: [],
      previous: "0",
    } as const;
    const status = await readStatus(
      { workloads: installed(), record: { latest: async () => ({ ...last, skippedChecks: [] }) }, beside: nothing },
      scope,
      AbortSignal.timeout(5_000),
    );
    expect(statusPresenter.text(status, createStyle(false))).toContain("install succeeded by admin from ada@jump, 2026-03-01 11:05 UTC");
  });

  it("tells the last restore drill that ended; one that failed calls for somebody", async () => {
    const run = { by: "schedule", startedAt: ago(3600), finishedAt: ago(3500) };
    const having = (...drills: readonly DrillRun[]): BesidePorts => ({ ...nothing, host: { ...nothing.host, drills: async () => drills } });
    const failed = await read(
      installed(),
      having({ ...run, status: "running" }, { ...run, status: "failed", message: "the archive has a hole" }),
    );
    expect(failed).toMatchObject({ needsAttention: true, beside: { value: { lastDrill: { status: "failed" } } } });
    expect(failed.concerns).toEqual([expect.stringMatching(/^the last restore drill failed .*: the archive has a hole$/)]);
    const passed = await read(installed(), having({ ...run, status: "passed" }, { ...run, status: "failed" }));
    expect(passed).toMatchObject({ needsAttention: false });
    expect(statusPresenter.text(passed, createStyle(false))).toMatch(/drill +.* by schedule +passed/);
  });

  it("calls for somebody while WAL is not archived", async () => {
    const having = (archived: PrimaryState["archived"]): BesidePorts => ({
      ...nothing,
      host: {
        ...nothing.host,
        primary: async () => ({
          ...{ systemId: "7", timeline: 1, version: 170_000, inRecovery: false, lsn: "0/3000000", segmentBytes: 16_777_216 },
          now: new Date("2026-03-01T12:00:00Z"),
          archived,
        }),
      },
    });
    const [segment, failedSegment] = ["000000010000000000000002", "000000010000000000000003"];
    const at = new Date("2026-03-01T11:00:00Z");
    const failing = await read(installed(), having({ segment, at, failedSegment, failedAt: new Date("2026-03-01T11:59:00Z") }));
    expect(failing.concerns).toEqual([
      `WAL is not archived since 2026-03-01T11:00:00.000Z: segment ${failedSegment} fails, and what is written meanwhile cannot be restored`,
    ]);
    const mended = await read(installed(), having({ segment, at, failedSegment, failedAt: new Date("2026-03-01T10:59:00Z") }));
    expect(mended).toMatchObject({ needsAttention: false, concerns: [] });
  });

  it("tells how Redis is kept; that it is not calls for somebody", async () => {
    const snapshot = { asOf: "2026-11-23T14:00:03Z", version: "7.0.15", keys: 40, bytes: 2048, sha256: "0".repeat(64) };
    const having = (redis: Partial<RedisKeeping>): BesidePorts => ({
      ...nothing,
      host: { ...nothing.host, redis: async () => ({ enabled: true, kept: false, snapshot, failure: undefined, ...redis }) },
    });
    const kept = await read(installed(), having({}));
    expect(kept.concerns).toEqual([]);
    expect(statusPresenter.text(kept, createStyle(false))).toMatch(/redis +as of 2026-11-23 14:00:03 UTC +40 keys, 2.05 kB +backed up/);
    const failed = await read(installed(), having({ failure: "its data is larger than 256 MB" }));
    expect(failed.concerns).toEqual(["Redis is not backed up: its data is larger than 256 MB"]);
    expect((await read(installed(), having({ kept: true }))).concerns).toEqual([
      "Redis is not backed up: a restore has not come to its end",
    ]);
    expect((await read(installed(), having({ snapshot: undefined }))).concerns).toHaveLength(1);
    expect((await read(installed(), having({ enabled: false, snapshot: undefined }))).concerns).toEqual([]);
  });

  it("goes without drills where the database does not answer, and says what it may not ask", async () => {
    const failing = (problem: Problem): BesidePorts => ({ ...nothing, host: { ...nothing.host, drills: () => Promise.reject(problem) } });
    const down = await read(installed(), failing(new Problem("BACKUP_HOST_MISSING", { what: "no pod" })));
    expect(down.beside).toEqual(known({ lastDrill: undefined, preview: undefined, redis: undefined }));
    const denied = await read(installed(), failing(new Problem("EXEC_FAILED", { what: "pods/exec is forbidden" })));
    expect(statusPresenter.text(denied, createStyle(false))).toContain("restore drills: pods/exec is forbidden");
  });

  it("has the published JSON shape in every state", async () => {
    const workloads = installed();
    workloads.release.entryPoints = known([entry, { ...entry, name: "other", tlsSecret: "absent" }]);
    workloads.release.certificates = new Map([["tls", certificate(12)]]);
    workloads.release.cronJobs = known([backup({ lastSuccessful: ago(3600) })]);
    const worker = deployment("worker");
    workloads.release.facts = facts({ workloads: [worker], pods: [podOf(worker)] });
    const status = await read(workloads);
    expect(statusPresenter.schema.parse(statusPresenter.json(status))).toMatchObject({
      kind: "Status",
      causes: [{ kind: "probe", workload: "Deployment/worker" }],
    });
  });
});

function backup(over: Partial<BackupJob> = {}): BackupJob {
  return {
    name: "backup-incremental",
    component: "backup",
    schedule: "0 2 * * 1-6",
    suspended: false,
    createdAt: ago(40 * day),
    active: 0,
    ...over,
  };
}

describe("backups", () => {
  it.each([
    ["just succeeded", { lastScheduled: ago(3600), lastSuccessful: ago(3000) }, "good", ""],
    [
      "did not succeed last time",
      { lastScheduled: ago(3600), lastSuccessful: ago(25 * 3600) },
      "attention",
      "the last run did not succeed",
    ],
    ["succeeded too long ago", { lastSuccessful: ago(5 * day) }, "attention", "last success is too long ago"],
    ["never succeeded", { lastScheduled: ago(3600) }, "attention", "has run and never succeeded"],
    ["never ran", {}, "attention", "has never run"],
    ["is new", { createdAt: ago(3600) }, "good", "first run is still to come"],
    ["is suspended", { suspended: true, lastSuccessful: ago(60) }, "attention", "suspended"],
  ] as const)("one that %s is %s", (_, over, standing, note) => {
    expect(assessBackup(backup(over), moment)).toMatchObject({ standing, note });
  });

  it("may be as old as its schedule says and as much again", () => {
    expect(
      ["0 2 * * 0", "0 2 * * 1-6", "0 2 * * *", "0 * * * *", "0 2 1 * *"].map((schedule) => allowedAge(schedule) / 86_400_000),
    ).toEqual([8, 3, 2, 1, 62]);
  });
});

describe("names of a certificate", () => {
  it("cover a host exactly or by a wildcard for one label", () => {
    expect([
      covers(["a.example"], "A.example"),
      covers(["*.example"], "a.example"),
      covers(["*.example"], "b.a.example"),
      covers([], "a.example"),
    ]).toEqual([true, true, false, false]);
  });
});
