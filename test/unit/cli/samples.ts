import { join } from "node:path";
import { backupCreatedPresenter } from "../../../src/cli/presenters/backup-created.ts";
import { backupKeyPresenter } from "../../../src/cli/presenters/backup-key.ts";
import { backupListPresenter } from "../../../src/cli/presenters/backup-list.ts";
import { backupsVerifiedPresenter } from "../../../src/cli/presenters/backup-verified.ts";
import { diffPresenter } from "../../../src/cli/presenters/diff.ts";
import { doctorPresenter } from "../../../src/cli/presenters/doctor.ts";
import { drillPresenter } from "../../../src/cli/presenters/drill-result.ts";
import { exportPresenter } from "../../../src/cli/presenters/export-result.ts";
import { type HistoryReport, historyPresenter } from "../../../src/cli/presenters/history.ts";
import { installPresenter } from "../../../src/cli/presenters/install.ts";
import { preflightPresenter } from "../../../src/cli/presenters/preflight.ts";
import type { Presenter } from "../../../src/cli/presenters/presenter.ts";
import { previewPresenter } from "../../../src/cli/presenters/preview.ts";
import { previewDroppedPresenter } from "../../../src/cli/presenters/preview-dropped.ts";
import { previewQueryPresenter } from "../../../src/cli/presenters/preview-query.ts";
import { prunePresenter } from "../../../src/cli/presenters/prune-result.ts";
import { renderPresenter } from "../../../src/cli/presenters/render.ts";
import { restorePointPresenter } from "../../../src/cli/presenters/restore-point.ts";
import { restorePresenter } from "../../../src/cli/presenters/restore-result.ts";
import { rollbackPresenter } from "../../../src/cli/presenters/rollback.ts";
import { smokePlanPresenter, smokePresenter } from "../../../src/cli/presenters/smoke.ts";
import { statusPresenter } from "../../../src/cli/presenters/status.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import { undoPresenter } from "../../../src/cli/presenters/undo-result.ts";
import { uninstallPresenter } from "../../../src/cli/presenters/uninstall.ts";
import { upgradePresenter } from "../../../src/cli/presenters/upgrade.ts";
import type { Profile } from "../../../src/domain/answers/answers.ts";
import { readDocument } from "../../../src/domain/answers/document.ts";
import type { Finding } from "../../../src/domain/finding.ts";
import { known, mapReading } from "../../../src/domain/reading.ts";
import type { BackupExport } from "../../../src/domain/recovery/backup-export.ts";
import { formatInstant } from "../../../src/domain/recovery/instant.ts";
import { lsnOf } from "../../../src/domain/recovery/lsn.ts";
import { surveyRecovery } from "../../../src/domain/recovery/windows.ts";
import type { SmokeCheck, SmokeReport } from "../../../src/domain/smoke/check.ts";
import { diff } from "../../../src/workflow/diff/diff.ts";
import { doctor } from "../../../src/workflow/doctor/doctor.ts";
import { type BesidePorts, readBeside } from "../../../src/workflow/scratch/beside.ts";
import { readStatus } from "../../../src/workflow/status/read-status.ts";
import { FakeHelm } from "../../fakes/fake-helm.ts";
import { FakeLiveObjects } from "../../fakes/fake-live-objects.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { FakeWorkloads } from "../../fakes/fake-workloads.ts";
import { makeBundle } from "../../fakes/made-bundle.ts";
import { deployment, facts, ready } from "../../fakes/rollout-objects.ts";
import { healthyRelease, scope } from "../doctor/release.ts";
import { answersInput, Rig } from "../install/rig.ts";
import { goodFacts } from "../preflight/good.ts";
import { factsWithout, now, repository } from "../recovery/four-timelines.ts";
import { Rig as RestoreRig } from "../restore/rig.ts";
import { Rig as ScratchRig } from "../scratch/rig.ts";
import { type UpgradeCall, UpgradeRig } from "../upgrade/rig.ts";
import { captured } from "./captured.ts";

/** One result of a command as it is shown. */
export interface Sample {
  /** Name of its schema. */
  readonly schema: string;
  readonly json: unknown;
  readonly text: string;
}

/** What a preflight may find without stopping an installation. */
export const concerns: readonly Finding[] = [
  {
    check: "cluster-version",
    title: "Kubernetes version",
    verdict: "pass",
    seen: "v1.34.4",
    wanted: "1.24 or newer",
    why: "The chart needs it.",
  },
  {
    check: "storage-class",
    title: "storage class",
    verdict: "warn",
    seen: "fast deletes volumes",
    wanted: "a class that retains them",
    why: "Data is lost with the claim.",
    fix: "Take a class with reclaimPolicy Retain",
  },
  {
    check: "nodes",
    title: "nodes",
    verdict: "unknown",
    seen: "nodes is forbidden",
    wanted: "room for every pod",
    why: "Pods need room.",
    fix: "Ask for the right to list nodes",
  },
];

/** A smoke test with checks of every verdict. */
export function smokeReport(profile?: Profile): SmokeReport {
  const check = (id: string, verdict: SmokeCheck["verdict"], more: Partial<SmokeCheck> = {}): SmokeCheck => ({
    id,
    title: `${id} works from end to end`,
    asked: "POST /api/v1/assessments, GET /api/v1/assessments/{id}",
    answered: "completed through backend > worker",
    milliseconds: 1234,
    verdict,
    ...more,
  });
  return {
    release: "migrate-platform",
    namespace: "client-acme",
    version: "1.0.0",
    ...(profile === undefined ? {} : { profile }),
    startedAt: new Date("2026-11-25T03:00:00Z"),
    seconds: 12.5,
    checks: [
      check("assessment", "pass"),
      check("replicas", "warn", { reason: "one of two replicas is 20 MB behind, and has been for longer than a minute" }),
      check("ingress", "fail", { answered: "no answer", reason: "connection refused" }),
      check("mcp", "skipped", { answered: "", reason: "no pod of an MCP server is ready" }),
    ],
  };
}

/** Results of every report that tells a size, for an installation of that profile; `columns` is the terminal's width. */
export async function reports(profile: Profile, columns?: number): Promise<ReadonlyMap<string, Sample>> {
  const shown = <R>(presenter: Presenter<R>, result: R): Sample => ({
    schema: presenter.name,
    json: presenter.json(result),
    text: presenter.text(result, createStyle(false, columns)),
  });
  const rig = new Rig();
  const answers = { ...answersInput, profile };
  const install = async (dryRun: boolean) => ({ ...(await rig.install({ answers, dryRun, findings: concerns }).outcome), profile });
  const uninstall = async (dryRun: boolean) => ({ ...(await rig.uninstall({ dryRun }).outcome), profile });
  const samples: [string, Sample][] = [
    ["install --dry-run", shown(installPresenter, await install(true))],
    ["install", shown(installPresenter, await install(false))],
    ["install again", shown(installPresenter, await install(false))],
  ];
  const entries = rig.record().entries as unknown as HistoryReport["entries"];
  samples.push(["history", shown(historyPresenter, { namespace: "shop", entries, verified: true, profile })]);
  samples.push(["uninstall --dry-run", shown(uninstallPresenter, await uninstall(true))]);
  samples.push(["uninstall", shown(uninstallPresenter, await uninstall(false))]);
  samples.push(["preflight", shown(preflightPresenter, { facts: goodFacts, findings: concerns, profile, release: "1.0.0" })]);
  const report = smokeReport(profile);
  samples.push(["smoke", shown(smokePresenter, report)]);
  const { startedAt: _startedAt, seconds: _seconds, checks, ...subject } = report;
  const planned = checks.map(({ id, title, asked }) => ({ id, title, asked, leaves: "a cache key" }));
  samples.push(["smoke --dry-run", shown(smokePlanPresenter, { ...subject, checks: planned })]);
  samples.push(["diff", shown(diffPresenter, { ...(await difference()), profile })]);
  samples.push(["status", shown(statusPresenter, await status(profile))]);
  samples.push(["doctor", shown(doctorPresenter, await doctored(profile))]);
  samples.push([
    "render",
    shown(renderPresenter, {
      release: { name: "migrate-platform", namespace: "client-acme", version: "1.0.0" },
      profile,
      kubeVersion: "v1.34.4",
      folder: "rendered",
      written: true,
      files: [{ name: "values.yaml", bytes: 1960, sha256: "4e".repeat(32) }],
      images: [`r.example/backend@sha256:${"a".repeat(64)}`],
    }),
  ]);
  samples.push(...(await upgradeReports(profile, shown)), ...(await backupReports(profile, shown)));
  return new Map(samples);
}

/** Answers that an earlier migratectl kept. */
const migrated = readDocument({
  path: "kept",
  text: "version: migratectl/v1\nstorage: { backup: 300Gi }\nbackup: { retentionFull: 4, retentionDays: 30 }\n",
}).migrated;

/** An upgrade over a release, one whose migration is put off, finishing it, and going back. */
async function upgradeReports(
  profile: Profile,
  shown: <R>(presenter: Presenter<R>, result: R) => Sample,
): Promise<readonly [string, Sample][]> {
  const rig = await UpgradeRig.installed();
  const upgrade = async (version: string, call: UpgradeCall = {}) =>
    shown(upgradePresenter, {
      ...(await rig.upgrade(version, { ...call, profile, findings: concerns }).outcome),
      stops: [version],
      profile,
      migrated: version === "1.1.0" ? migrated : undefined,
    });
  const rollback = async (dryRun: boolean) => shown(rollbackPresenter, { ...(await rig.rollback({ dryRun }).outcome), profile });
  return [
    ["upgrade --dry-run", await upgrade("1.1.0", { dryRun: true })],
    ["upgrade", await upgrade("1.1.0")],
    ["upgrade again", await upgrade("1.1.0")],
    ["upgrade that puts off", await upgrade("2.0.0")],
    ["rollback --dry-run", await rollback(true)],
    ["rollback", await rollback(false)],
    ["upgrade once more", await upgrade("2.0.0")],
    ["upgrade --finish", await upgrade("2.0.0", { finish: true })],
  ];
}

/** Reports on the backups of a database that was restored three times. */
async function backupReports(
  profile: Profile,
  shown: <R>(presenter: Presenter<R>, result: R) => Sample,
): Promise<readonly [string, Sample][]> {
  const [database] = repository.databases;
  const [set] = repository.sets;
  const restorePoints = [{ name: "before-cleanup", timeline: 1, lsn: lsnOf(0x7001440n), at: now }];
  if (database === undefined || set === undefined) throw new Error("the fixture has no set");
  const facts = factsWithout();
  const surveyed = {
    repository,
    database,
    archive: facts.archive,
    survey: surveyRecovery(facts),
    primary: undefined,
    now,
    unreadable: [],
    restorePoints,
    paths: new Map(),
  };
  const made = { kind: "made", asked: "incr", standing: { set, segments: 1 }, seconds: 5, profile } as const;
  const check = { what: `set ${set.label}`, verdict: "pass", seen: "full, with the 1 segment of WAL that it needs" } as const;
  const lost = { what: "archive of timeline 1", verdict: "fail", seen: "000000010000000000000007 missing" } as const;
  const point = { name: "before-cleanup", timeline: 4, lsn: "0/12000060", at: new Date("2026-11-25T07:15:00Z") };
  const manifest: BackupExport = {
    apiVersion: "migratectl/v1",
    kind: "BackupExport",
    createdAt: "2026-11-25T08:00:00.000Z",
    release: { name: "migrate-platform", namespace: "client-acme", version: "1.0.0" },
    systemId: database.systemId,
    postgres: database.version,
    cipher: "aes-256-cbc",
    sets: [{ label: set.label, type: set.type, finishedAt: formatInstant(set.finishedAt) }],
    files: [{ path: "backup/main/backup.info", bytes: 1900 }],
  };
  const exported = { kind: "exported", path: "backups.export", manifest, bytes: 5120, resumed: 0, seconds: 3, profile } as const;
  const rig = await RestoreRig.installed();
  const previewed = { namespace: "shop", profile };
  const besideRig = await ScratchRig.installed();
  const read = await readBeside(besidePorts, AbortSignal.timeout(5000));
  if (read.kind !== "known") throw new Error("the samples are readable");
  const beside = read.value;
  const prune = (dryRun: boolean) => rig.prune({ dryRun });
  const planned = { ...(await rig.restore({ dryRun: true }).outcome), profile };
  const restored = { ...(await rig.restore().outcome), profile };
  return [
    ["backup create --dry-run", shown(backupCreatedPresenter, { ...made, kind: "planned", standing: undefined })],
    ["backup create", shown(backupCreatedPresenter, made)],
    ["backup list", shown(backupListPresenter, { ...surveyed, beside, profile })],
    ["backup drill --dry-run", shown(drillPresenter, { ...(await besideRig.drill({ dryRun: true }).outcome), seed: 7, profile })],
    ["backup drill", shown(drillPresenter, { ...(await besideRig.drill().outcome), seed: undefined, profile })],
    [
      "backup restore --preview --dry-run",
      shown(previewPresenter, { ...(await besideRig.preview({ dryRun: true }).outcome), ...previewed }),
    ],
    ["preview show", shown(previewPresenter, { ...(await besideRig.preview().outcome), ...previewed })],
    ["preview query", shown(previewQueryPresenter, { sql: "select 1, 2", answer: "1|2", profile })],
    ["preview drop --dry-run", shown(previewDroppedPresenter, { kind: "planned", profile })],
    ["preview drop", shown(previewDroppedPresenter, { kind: "dropped", profile })],
    ["preview drop again", shown(previewDroppedPresenter, { kind: "nothing", profile })],
    ["backup verify", shown(backupsVerifiedPresenter, { checks: [check, lost], surveyed, seconds: 12, profile })],
    ["backup key --dry-run", shown(backupKeyPresenter, { kind: "planned", file: "platform.key", profile })],
    ["backup key", shown(backupKeyPresenter, { kind: "written", file: "/home/anna/platform.key", profile })],
    ["backup point", shown(restorePointPresenter, { name: "before-cleanup", set: set.label, point, profile })],
    ["backup point --dry-run", shown(restorePointPresenter, { name: "before-cleanup", set: set.label, point: undefined, profile })],
    ["backup export --dry-run", shown(exportPresenter, { ...exported, kind: "planned" })],
    ["backup export", shown(exportPresenter, exported)],
    ["backup restore --dry-run", shown(restorePresenter, planned)],
    ["backup restore", shown(restorePresenter, restored)],
    ["backup prune --dry-run", shown(prunePresenter, { ...(await prune(true)), profile })],
    ["backup undo --dry-run", shown(undoPresenter, { ...(await rig.undo({ dryRun: true }).outcome), profile })],
    ["backup undo", shown(undoPresenter, { ...(await rig.undo().outcome), profile })],
    ["backup prune", shown(prunePresenter, { ...(await prune(false)), profile })],
    ["backup prune again", shown(prunePresenter, { ...(await prune(false)), profile })],
  ];
}

/** What the commands that need no cluster really print under --json, with the name of the schema that it is to fit. */
export async function printed(): Promise<readonly { readonly line: string; readonly schema: string; readonly stdout: string }[]> {
  const bundle = await makeBundle({ seed: 5, layerSize: 2000 });
  const registry = await FakeRegistry.start();
  try {
    const lines: readonly (readonly [schema: string, ...line: string[]])[] = [
      ["version", "version"],
      ["configure", "configure", "--yes", "--dry-run", "--registry", "r.example", "--ingress-host", "a.example"],
      ["bundle-summary", "bundle", "inspect", bundle.path],
      ["bundle-verified", "bundle", "verify", bundle.path],
      ["bundle-push", "bundle", "push", bundle.path, "--registry", registry.host, "--plain-http", "--dry-run"],
      ["bundle-push", "bundle", "push", bundle.path, "--registry", registry.host, "--plain-http"],
      [
        "bundle-created",
        "bundle",
        "create",
        "--release",
        bundle.release,
        "--oci-layout",
        bundle.layout,
        "--out",
        join(bundle.folder, "again.tar"),
      ],
    ];
    const results: { line: string; schema: string; stdout: string }[] = [];
    for (const [schema, ...line] of lines)
      results.push({ line: line.join(" "), schema, stdout: (await captured([...line, "--json"])).stdout });
    return results;
  } finally {
    await registry.close();
    bundle.remove();
  }
}

/** A drill that failed, a preview that is there, and Redis that could not be reached lately. */
const besidePorts: BesidePorts = {
  host: {
    primary: async () => undefined,
    redis: async () => ({
      ...{ enabled: true, kept: false, failure: "Redis at redis does not answer" },
      snapshot: { asOf: "2026-11-25T03:00:00Z", version: "7.0.15", keys: 12, bytes: 4096, sha256: "0".repeat(64) },
    }),
    drills: async () => [
      { by: "schedule", status: "running", startedAt: new Date("2026-11-25T04:00:00Z") },
      {
        by: "anna@jump-1",
        status: "failed",
        startedAt: new Date("2026-11-24T04:00:00Z"),
        finishedAt: new Date("2026-11-24T04:00:30Z"),
        message: "the archive has a hole",
      },
    ],
  },
  scratch: {
    find: async () => ({
      pod: "postgres-preview-x",
      phase: "running",
      message: undefined,
      args: [],
      startedAt: new Date("2026-11-25T03:00:00Z"),
      notes: { target: "time 2026-11-23 05:00:00+00", at: "2026-11-23T05:00:00Z", until: "2026-11-25T07:00:00Z" },
    }),
  },
};

async function status(profile: Profile) {
  const workloads = new FakeWorkloads();
  workloads.release.facts = facts({ workloads: [deployment("backend", ready)] });
  workloads.release.helm = known({
    revision: 1,
    status: "deployed",
    chartName: "migrate-platform",
    chartVersion: "1.0.0",
    appVersion: "1.0.0",
    profile,
  });
  const record = { latest: async () => undefined };
  return readStatus(
    { workloads, record, beside: besidePorts },
    { release: "migrate-platform", namespace: "client-acme" },
    AbortSignal.timeout(5000),
  );
}

/** A release that lacks a Secret, whose kubelets may not be asked, and whose Helm record names that profile. */
async function doctored(profile: Profile) {
  const { workloads, health, ports } = healthyRelease();
  workloads.release.helm = mapReading(workloads.release.helm, (helm) => helm && { ...helm, profile });
  health.keys = new Map();
  health.stats = { kind: "denied", verb: "get", resource: "nodes/proxy", message: "" };
  return doctor(ports, scope, AbortSignal.timeout(5000));
}

/** A release with a change of every kind, and an object that drifted, one that is gone and one that may not be read. */
async function difference() {
  const scope = { release: "migrate-platform", namespace: "client-acme" };
  const object = (kind: string, name: string, data: string, annotations = "{}") =>
    `---\napiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name}, annotations: ${annotations} }\ndata: { a: "${data}" }\n`;
  const installed = [
    object("ConfigMap", "settings", "1", '{ "checksum/x": "1" }') + object("Secret", "keys", "MQ=="),
    object("ConfigMap", "old", "1") + object("ConfigMap", "data", "1", '{ "helm.sh/resource-policy": keep }'),
  ].join("");
  const wanted = [
    object("ConfigMap", "settings", "2", '{ "checksum/x": "2" }') + object("Secret", "keys", "Mg=="),
    object("ConfigMap", "new", "1"),
  ].join("");
  const helm = new FakeHelm(() => installed);
  await helm.apply({ ...scope, chart: "c", values: "", kubeVersion: "v1.34.4", apiVersions: [] });
  const live = new FakeLiveObjects();
  live.apply(installed, scope.namespace);
  live.hiddenKinds.add("Secret");
  live.remove({ apiVersion: "v1", kind: "ConfigMap", name: "old", namespace: scope.namespace });
  live.put({ apiVersion: "v1", kind: "ConfigMap", name: "settings", namespace: scope.namespace }, { data: { a: "3" } }, [
    { manager: "kubectl-edit", operation: "Update", time: "2026-11-25T03:00:00Z", fields: { "f:data": { "f:a": {} } } },
  ]);
  return diff({ helm, live }, { scope, wanted: { version: "1.1.0", manifests: wanted } }, AbortSignal.timeout(5000));
}
