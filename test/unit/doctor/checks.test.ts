import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ArchiveFacts } from "../../../src/domain/doctor/archive-facts.ts";
import type { Belonging } from "../../../src/domain/doctor/belonging.ts";
import { doctorChecks, examine } from "../../../src/domain/doctor/checks.ts";
import type { DoctorFacts } from "../../../src/domain/doctor/facts.ts";
import { maxMemoryShare } from "../../../src/domain/doctor/redis.ts";
import type { Finding, Verdict } from "../../../src/domain/finding.ts";
import { known, unavailable } from "../../../src/domain/reading.ts";
import { findCauses } from "../../../src/domain/rollout/find-causes.ts";
import type { Container } from "../../../src/domain/rollout/workload.ts";
import type { CertificateFacts } from "../../../src/domain/status/release-facts.ts";
import { ago, container, deployment, facts, job, moment, podOf, ready } from "../../fakes/rollout-objects.ts";
import { cronJob, healthy, image } from "./healthy.ts";

const denied = { kind: "denied", verb: "get", resource: "nodes/proxy", message: "" } as const;
const day = 86_400;

/** What one check finds when these facts differ. */
function found(check: string, over: Partial<DoctorFacts> = {}): readonly Finding[] {
  const chosen = doctorChecks.filter(({ id }) => id === check);
  if (chosen.length === 0) throw new Error(`there is no check ${check}`);
  return examine(chosen, { ...healthy, ...over });
}

const verdicts = (findings: readonly Finding[]): readonly Verdict[] => findings.map(({ verdict }) => verdict);
const seen = (findings: readonly Finding[]): string => findings.map((one) => one.seen).join("\n");

describe("the checks of an installed release", () => {
  it("pass a healthy one, each of them that has something to look at", () => {
    const findings = examine(doctorChecks, healthy);
    expect(findings.filter(({ verdict }) => verdict !== "pass")).toEqual([]);
    const silent = doctorChecks.filter(({ id }) => !findings.some(({ check }) => check === id)).map(({ id }) => id);
    expect(silent, "without ways in there are no certificates").toEqual(["certificates"]);
  });

  it("have ids of their own, and tell with everything that is not a pass what to do", () => {
    expect(new Set(doctorChecks.map(({ id }) => id)).size).toBe(doctorChecks.length);
    const nothing: DoctorFacts = {
      ...healthy,
      ...{ helm: denied, recorded: denied, unfinished: denied, putOff: denied, schedules: denied, certificates: denied, stats: denied },
      ...{ archive: denied, drills: denied, replication: denied, redis: denied, quotas: denied, belongings: denied },
      secrets: [{ name: "pull", usedBy: ["backend"], wanted: [], keys: denied }],
    };
    const findings = examine(doctorChecks, nothing);
    expect([...new Set(findings.map(({ check }) => check))].sort()).toEqual(doctorChecks.map(({ id }) => id).sort());
    for (const finding of findings.filter(({ check }) => check !== "workloads")) {
      expect(finding).toMatchObject({ verdict: "unknown", seen: expect.stringContaining("nodes/proxy") });
      expect(finding.fix).toContain("right to get nodes/proxy");
    }
  });

  it("go on when one of them fails itself", () => {
    const broken = { id: "broken", title: "Broken", why: "", assess: () => JSON.parse("{") };
    const findings = examine([broken, ...doctorChecks.slice(0, 1)], healthy);
    expect(verdicts(findings)).toEqual(["unknown", "pass"]);
    expect(findings[0]?.seen).toContain("the check itself failed");
  });
});

describe("the check of migrations", () => {
  it("warns of those that an upgrade has put off, with the command that runs them", () => {
    const put = { version: "2.0.0", ids: ["0004"], since: "2026-03-01T11:00:00Z" };
    const [finding] = found("put-off", { putOff: known(put) });
    expect(finding).toMatchObject({ verdict: "warn", seen: "0004 of 2.0.0 put off since 2026-03-01" });
    expect(finding?.fix).toContain("migratectl upgrade --finish");
  });
});

describe("the check of the release", () => {
  const run = {
    workflow: "restore",
    command: "migratectl backup restore",
    startedAt: "2026-03-01T11:00:00Z",
    failure: undefined,
    heldBy: undefined,
  };
  const helm = (status: string) => known({ revision: 3, status, chartName: "m", chartVersion: "1.0.0", appVersion: "1.0.0" });

  it.each(["pending-install", "pending-upgrade", "pending-rollback", "failed", "uninstalling"])(
    "fails while Helm calls it %s",
    (status) => {
      expect(verdicts(found("release", { helm: helm(status) }))).toEqual(["fail"]);
    },
  );

  it("is mended by the run that left it so, where there is one", () => {
    const upgrade = { ...run, workflow: "upgrade", command: "migratectl upgrade" };
    const fixes = found("release", { helm: helm("pending-upgrade"), unfinished: known(upgrade) }).map(({ fix }) => fix);
    expect(new Set(fixes)).toEqual(new Set(["Go on with it: migratectl upgrade --namespace client-acme"]));
  });

  it("only warns of it while somebody is at it", () => {
    const findings = found("release", { helm: helm("pending-upgrade"), unfinished: known({ ...run, heldBy: "ada from jump-1" }) });
    expect(verdicts(findings)).toEqual(["warn", "warn"]);
    expect(seen(findings)).toContain("restore of 2026-03-01T11:00:00Z is being carried out by ada from jump-1");
  });

  it("fails for a run that was not finished, and names the command that goes on with it", () => {
    const [, finding] = found("release", { unfinished: known({ ...run, failure: "the disk is full" }) });
    expect(finding).toMatchObject({ verdict: "fail", seen: "restore of 2026-03-01T11:00:00Z was not finished: the disk is full" });
    expect(finding?.fix).toBe("Go on with it: migratectl backup restore --namespace client-acme");
  });

  it("warns where another tool applied the release", () => {
    expect(verdicts(found("release", { helm: known(undefined) }))).toEqual(["warn"]);
  });
});

describe("the check of the workloads", () => {
  const worker = deployment("worker", ready);
  const pod = (over: Partial<Container>) =>
    facts({ workloads: [worker], pods: [podOf(worker, { ready: true, containers: [container({ ready: true, ...over })] })] });
  const ended = (seconds: number) => ({ exitCode: 137, reason: "OOMKilled", message: "", finishedAt: ago(seconds) });

  it.each([
    [3599, "warn"],
    [3600, "pass"],
  ] as const)("looks at a restart %d s ago: %s", (seconds, verdict) => {
    const findings = found("workloads", { rollout: pod({ restarts: 1, last: ended(seconds) }) });
    expect(verdicts(findings)).toEqual([verdict]);
    if (verdict === "warn")
      expect(findings[0]).toMatchObject({
        seen: "restarted within the last hour: container main of worker-x2x4z (1 restart, last OOMKilled with exit code 137)",
        fix: "See its last words: kubectl -n client-acme logs worker-x2x4z -c main --previous",
      });
  });

  it("fails for a crash loop with its cause, and only warns of what waits for another part", () => {
    const [postgres, backend] = [deployment("postgres"), deployment("backend")];
    const crash = container({
      restarts: 5,
      phase: { kind: "waiting", reason: "CrashLoopBackOff", message: "" },
      last: { exitCode: 1, reason: "Error", message: "", finishedAt: ago(30) },
    });
    const rollout = facts({
      workloads: [postgres, backend],
      pods: [podOf(postgres, { containers: [crash] }), podOf(backend, { containers: [crash] })],
    });
    const findings = found("workloads", { rollout, causes: findCauses(rollout, new Map()) });
    expect(verdicts(findings)).toEqual(["fail", "warn"]);
    expect(findings[1]?.seen).toBe("backend 0/1: waits for postgres");
  });
});

describe("the check of the images", () => {
  const other = `sha256:${"b".repeat(64)}`;
  const [own] = image.split("@").slice(1);
  const running = (given: string, imageId?: string, recorded = image) => {
    const backend = deployment("backend", ready);
    const containers = [container({ name: "backend", image: given, ...(imageId === undefined ? {} : { imageId }) })];
    return found("image-drift", {
      rollout: facts({ workloads: [backend], pods: [podOf(backend, { containers })] }),
      recorded: known({ objects: [], containers: [{ workload: "Deployment/backend", container: "backend", image: recorded }] }),
    });
  };

  it.each([
    ["the same reference", image, undefined, "pass"],
    ["another registry with the same digest", `mirror.example/x/backend@${own}`, undefined, "pass"],
    ["another digest", `r.example/migrate-platform/backend:1.0.0@${other}`, undefined, "warn"],
    ["a tag that the runtime resolved to the same digest", "r.example/migrate-platform/backend:1.0.0", `r.example/b@${own}`, "pass"],
    ["a tag that the runtime resolved to another digest", "r.example/migrate-platform/backend:1.0.0", `r.example/b@${other}`, "warn"],
    ["a tag that was not resolved yet", "r.example/migrate-platform/backend:1.0.0", undefined, "warn"],
    ["a digest, whatever id the runtime gives it", image, `r.example/b@${other}`, "pass"],
  ] as const)("compares with what Helm recorded: %s", (_, given, imageId, verdict) => {
    expect(verdicts(running(given, imageId))).toEqual([verdict]);
  });

  it("compares references where no digest was recorded", () => {
    expect(verdicts(running("r.example/b:2", undefined, "r.example/b:1"))).toEqual(["warn"]);
    expect(verdicts(running("r.example/b:1", undefined, "r.example/b:1"))).toEqual(["pass"]);
  });
});

describe("the check of the jobs", () => {
  it("fails for a migration that gave up, and for a CronJob whose newest run failed, each once", () => {
    const failed = { conditions: [{ type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "" }] } as const;
    const rollout = facts({ workloads: [job("migrations-1", failed), job("backup-full-1", { ...failed, cronJob: "backup-full" })] });
    const schedules = known([cronJob("backup-full", "0 2 * * *", { lastScheduled: ago(60), lastSuccessful: ago(day) })]);
    const findings = found("jobs", { rollout, causes: findCauses(rollout, new Map()), schedules });
    expect(verdicts(findings)).toEqual(["fail", "fail"]);
    expect(seen(findings)).toMatch(/^Job\/migrations-1: .*\nCronJob\/backup-full: the last run did not succeed \(/);
  });

  it("says nothing of a failed run since which another has succeeded", () => {
    const failed = { conditions: [{ type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "" }] } as const;
    const rollout = facts({ workloads: [job("backup-full-1", { ...failed, cronJob: "backup-full" })] });
    expect(verdicts(found("jobs", { rollout, causes: findCauses(rollout, new Map()) }))).toEqual(["pass"]);
  });

  it.each([
    ["within two periods", { lastSuccessful: ago(2 * day), lastScheduled: ago(2 * day) }, "pass"],
    ["after them", { lastSuccessful: ago(2 * day + 1), lastScheduled: ago(2 * day + 1) }, "fail"],
    ["suspended", { suspended: true }, "warn"],
  ] as const)("judges the last success of a daily run: %s", (_, over, verdict) => {
    expect(verdicts(found("jobs", { schedules: known([cronJob("retention", "0 3 * * *", over)]) }))).toEqual([verdict]);
  });
});

describe("the check of the certificates", () => {
  const certificate = (days: number, names = ["a.example"]) => {
    const facts: CertificateFacts = {
      ...{ names, issuer: "CN=x", notBefore: ago(day), selfSigned: true, fingerprint: "AA" },
      notAfter: new Date(moment.getTime() + days * day * 1000),
    };
    return known({ chainPem: "", facts });
  };
  const entry = { kind: "Ingress", name: "i", host: "a.example", tls: true, tlsSecret: "tls", addresses: [], paths: [] } as const;
  const judged = (days: number, names?: string[]) =>
    found("certificates", { certificates: known({ entries: [entry], secrets: [{ name: "tls", certificate: certificate(days, names) }] }) });

  it.each([
    [30, "pass"],
    [29.99, "warn"],
    [7, "warn"],
    [6.99, "fail"],
    [-0.5, "fail"],
  ] as const)("judges %d days left: %s", (days, verdict) => {
    expect(verdicts(judged(days))).toEqual([verdict]);
  });

  it("fails for a certificate of another host, and for a Secret that is not there", () => {
    expect(verdicts(judged(400, ["b.example"]))).toEqual(["fail"]);
    const certificates = known({ entries: [entry], secrets: [{ name: "tls", certificate: known(undefined) }] });
    expect(verdicts(found("certificates", { certificates }))).toEqual(["fail"]);
  });

  it("looks at TLS Secrets that no way in names, too", () => {
    const certificates = known({ entries: [], secrets: [{ name: "mesh", certificate: certificate(3) }] });
    expect(found("certificates", { certificates })[0]).toMatchObject({ verdict: "fail", seen: "Secret/mesh: 3 days left" });
  });
});

describe("the check of the volumes", () => {
  const filled = (used: number, inodes?: { readonly used: number; readonly capacity: number }) =>
    found("volumes", {
      stats: known({
        claims: ["data-postgres-0", "backup-postgres-0", "data-redis-0"].map((claim) => ({
          ...{ claim, used: claim === "data-postgres-0" ? used : 1, capacity: 1000 },
          ...(inodes === undefined ? {} : { inodes }),
        })),
        containers: [],
        silent: [],
      }),
    });

  it.each([
    [800, "pass"],
    [801, "warn"],
    [920, "warn"],
    [921, "fail"],
  ] as const)("judges %d of 1000 bytes: %s", (used, verdict) => {
    expect(verdicts(filled(used))).toEqual([verdict]);
  });

  it("counts inodes where they are scarcer", () => {
    expect(seen(filled(10, { used: 95, capacity: 100 }))).toContain("data-postgres-0 has 95 % of its inodes in use");
  });

  it("asks the database's pod for its volume where no kubelet may be asked, and tells the rest as unknown", () => {
    const dataVolume = known({ claim: "data-postgres-0", used: 95, free: 5 });
    const findings = found("volumes", { stats: denied, dataVolume });
    expect(verdicts(findings)).toEqual(["fail", "unknown"]);
    expect(findings[1]?.seen).toBe("no right to get nodes/proxy");
  });

  it("names the claims that a kubelet does not measure, and the node that did not answer", () => {
    const stats = (silent: readonly string[]) => known({ claims: [], containers: [], silent });
    const claims = "backup-postgres-0, data-postgres-0, data-redis-0";
    expect(seen(found("volumes", { stats: stats([]) }))).toBe(`the kubelet does not measure ${claims}`);
    expect(seen(found("volumes", { stats: stats(["node-a"]) }))).toBe(`the kubelet of node-a does not answer for ${claims}`);
  });
});

describe("the check of the WAL archive", () => {
  type Read = Extract<ArchiveFacts, { readonly kind: "read" }>;
  const base = healthy.archive.kind === "known" && healthy.archive.value.kind === "read" ? healthy.archive.value : undefined;
  const judged = (over: Partial<Read>) => found("archive", { archive: known({ ...(base as Read), ...over }) });
  const archiver = { segment: "9", at: ago(40), failedSegment: undefined, failedAt: undefined };

  it.each([
    [600, "pass"],
    [601, "warn"],
    [3600, "warn"],
    [3601, "fail"],
  ] as const)("judges %d s since the last segment: %s", (seconds, verdict) => {
    expect(verdicts(judged({ archiver: { ...archiver, at: ago(seconds) } }))).toEqual([verdict]);
  });

  it("fails while a segment cannot be archived, and not when it was since", () => {
    expect(verdicts(judged({ archiver: { ...archiver, failedSegment: "A", failedAt: ago(10) } }))).toEqual(["fail"]);
    expect(verdicts(judged({ archiver: { ...archiver, failedSegment: "A", failedAt: ago(50) } }))).toEqual(["pass"]);
  });

  it("fails for a hole after which nothing can be restored, and warns of one before the newest set", () => {
    const holes = [{ first: "0000000A", last: "0000000B" }];
    expect(judged({ holes, reachesNow: false })[0]).toMatchObject({
      verdict: "fail",
      seen: expect.stringContaining("0000000A to 0000000B missing"),
    });
    expect(verdicts(judged({ holes }))).toEqual(["warn"]);
  });

  it("is unknown where no Postgres answers, and fails for a repository that cannot be used", () => {
    expect(verdicts(judged({ archiver: undefined }))).toEqual(["unknown"]);
    expect(found("archive", { archive: known({ kind: "unusable", what: "it is of another database", fix: "f" }) })[0]).toMatchObject({
      verdict: "fail",
      fix: "f",
    });
  });

  it.each([
    [3 * day, "pass"],
    [3 * day + 1, "fail"],
  ] as const)("judges a newest set that is %d s old by the most frequent schedule: %s", (seconds, verdict) => {
    const newest = { label: "F", finishedAt: ago(seconds) };
    expect(verdicts(found("backups", { archive: known({ ...(base as Read), newest }) }))).toEqual([verdict]);
  });

  it("fails without a set, and warns where no schedule makes one", () => {
    expect(verdicts(found("backups", { archive: known({ ...(base as Read), newest: undefined }) }))).toEqual(["fail"]);
    expect(verdicts(found("backups", { schedules: known([]) }))).toEqual(["warn"]);
    expect(verdicts(found("backups", { archive: unavailable("no answer") }))).toEqual(["unknown"]);
  });
});

describe("the check of the drill", () => {
  const run = (status: "running" | "passed" | "failed", seconds: number) => ({ by: "schedule", status, startedAt: ago(seconds) });
  it.each([
    ["a recent pass", [run("passed", 8 * day)], "pass"],
    ["an old pass", [run("passed", 8 * day + 1)], "warn"],
    ["a failure", [run("failed", 60), run("passed", 3600)], "fail"],
    ["one that runs, after a pass", [run("running", 10), run("passed", 60)], "pass"],
    ["none, long after the schedule was made", [], "warn"],
  ] as const)("judges the last one: %s", (_, drills, verdict) => {
    expect(verdicts(found("drill", { drills: known(drills) }))).toEqual([verdict]);
  });

  it("lets the first one come", () => {
    const schedules = known([cronJob("backup-drill", "0 4 * * 6", { createdAt: ago(8 * day) })]);
    expect(verdicts(found("drill", { drills: known([]), schedules }))).toEqual(["pass"]);
  });
});

describe("the check of the replication", () => {
  const replica = (lagBytes: number, state = "streaming") => ({ name: "postgres-replica-0", state, lagBytes });
  it.each([
    ["little behind", [replica(128_000_000)], "pass"],
    ["far behind", [replica(128_000_001)], "warn"],
    ["at the edge of what is kept", [replica(2_000_000_000)], "warn"],
    ["beyond", [replica(2_000_000_001)], "fail"],
    ["catching up", [replica(0, "catchup")], "fail"],
    ["away", [], "fail"],
  ] as const)("judges a replica that is %s", (_, replicas, verdict) => {
    expect(verdicts(found("replication", { replication: known({ replicas, slots: [] }) }))).toEqual([verdict]);
  });

  it("warns of slots that nobody reads or that are lost, and has nothing to say of a release without replicas", () => {
    const slot = { name: "s", active: false, keptBytes: 3_000_000_000, lost: false };
    const replicas = [replica(0)];
    expect(seen(found("replication", { replication: known({ replicas, slots: [slot] }) }))).toBe(
      "nobody reads slot s, which keeps 3.00 GB of WAL",
    );
    expect(seen(found("replication", { replication: known({ replicas, slots: [{ ...slot, lost: true }] }) }))).toContain(
      "has lost the WAL",
    );
    expect(found("replication", { rollout: facts(), replication: known({ replicas: [], slots: [] }) })).toEqual([]);
  });
});

describe("the check of Redis", () => {
  const most = 2 ** 30 * maxMemoryShare;
  it.each([
    [0.8, "pass"],
    [0.801, "warn"],
    [0.92, "warn"],
    [0.921, "fail"],
  ] as const)("judges %d of what it may take: %s", (part, verdict) => {
    const stats = known({ claims: [], containers: [{ pod: "redis-0", container: "redis", bytes: Math.floor(most * part) }], silent: [] });
    expect(verdicts(found("redis", { stats }))).toEqual([verdict]);
  });

  it("takes for its limit what the chart takes", () => {
    const chart = readFileSync(join(import.meta.dirname, "../../../templates/chart/templates/_lib/_redis.tpl"), "utf8");
    const [, times, by] = /maxmemory \{\{ div \(mul (\d+) .*\) (\d+) \}\}mb/.exec(chart) ?? [];
    expect(Number(times) / Number(by)).toBe(maxMemoryShare);
  });

  it("warns while it is not backed up", () => {
    const redis = known({ enabled: true, kept: false, snapshot: undefined, failure: "Redis does not answer" });
    expect(seen(found("redis", { redis }))).toContain("not backed up: Redis does not answer");
  });
});

describe("the check of the quotas", () => {
  it.each([
    ["90", "pass"],
    ["90100m", "warn"],
    ["100", "warn"],
  ] as const)("judges %s of 100 CPUs: %s", (used, verdict) => {
    const quotas = known([
      { name: "q", hard: { "limits.cpu": "100", "requests.nvidia.com/gpu": "0" }, used: { "limits.cpu": used }, scopes: [] },
    ]);
    expect(verdicts(found("quotas", { quotas }))).toEqual([verdict]);
  });
});

describe("the check of the credentials", () => {
  it("fails for a Secret that is gone and for a key that is, by their names", () => {
    const secrets = [
      { name: "pull", usedBy: ["backend", "worker"], wanted: [], keys: known(undefined) },
      { name: "app-secrets", usedBy: ["backend"], wanted: ["secret-key", "jwt-secret"], keys: known(["jwt-secret"]) },
    ];
    expect(found("credentials", { secrets })[0]).toMatchObject({
      verdict: "fail",
      seen: "Secret/pull is missing (needed by backend, worker), Secret/app-secrets lacks secret-key",
    });
  });
});

describe("the check of leftovers", () => {
  const object = (over: Partial<Belonging>): Belonging => ({
    ...{ kind: "Pod", name: "postgres-restore-r1", uid: "u-1", createdAt: ago(day), managedBy: "migratectl", owned: false, ended: false },
    ...over,
  });
  const preview = (seconds: number, over: Partial<Belonging> = {}) =>
    object({ kind: "Job", name: "postgres-preview", endsBy: ago(seconds), ...over });
  const run = { workflow: "restore", command: "x", startedAt: undefined, failure: undefined, heldBy: undefined };

  it.each<readonly [string, Belonging, Verdict]>([
    ["a pod of a restore without a run", object({}), "warn"],
    ["the journal", object({ kind: "ConfigMap", name: "migratectl-journal" }), "pass"],
    ["a document of ours that nothing knows", object({ kind: "ConfigMap", name: "migratectl-old" }), "warn"],
    ["a preview within its time", preview(600), "pass"],
    ["a preview beyond it", preview(601), "warn"],
    ["a preview that has ended", preview(6000, { ended: true }), "pass"],
    ["a pod of a Job", object({ owned: true }), "pass"],
    ["a ConfigMap that Helm recorded", object({ kind: "ConfigMap", name: "backend", managedBy: "Helm" }), "pass"],
    ["one that it did not", object({ kind: "ConfigMap", name: "old", managedBy: "Helm" }), "warn"],
    ["a claim that a pod mounts", object({ kind: "PersistentVolumeClaim", name: "backup-postgres-0", managedBy: "Helm" }), "pass"],
    [
      "the claim of a replica that is down",
      object({ kind: "PersistentVolumeClaim", name: "data-postgres-replica-0", managedBy: "" }),
      "pass",
    ],
    [
      "the claim of a replica that is wanted no more",
      object({ kind: "PersistentVolumeClaim", name: "data-postgres-replica-1", managedBy: "" }),
      "warn",
    ],
  ])("judges %s", (_, one, verdict) => {
    expect(verdicts(found("orphans", { belongings: known([one]) }))).toEqual([verdict]);
  });

  it("leaves the pods of a run that is not finished to it, and what it may not know about", () => {
    expect(verdicts(found("orphans", { belongings: known([object({})]), unfinished: known(run) }))).toEqual(["pass"]);
    expect(verdicts(found("orphans", { belongings: known([object({})]), unfinished: denied }))).toEqual(["pass"]);
  });
});
