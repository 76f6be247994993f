import { describe, expect, it } from "vitest";
import { doctorPresenter } from "../../../src/cli/presenters/doctor.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { doctor } from "../../../src/workflow/doctor/doctor.ts";
import { gatherDoctorFacts } from "../../../src/workflow/doctor/gather.ts";
import { Questions } from "../../../src/workflow/doctor/questions.ts";
import { leaseName } from "../../../src/workflow/run/lease.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";
import { ago, facts, moment } from "../../fakes/rollout-objects.ts";
import { healthyRelease, scope } from "./release.ts";

const signal = AbortSignal.timeout(15_000);
const findingsOf = async (rig: ReturnType<typeof healthyRelease>, check: string) =>
  (await doctor(rig.ports, scope, signal)).findings.filter((one) => one.check === check);

describe("doctor", () => {
  it("finds a healthy release healthy, and ends with 0", async () => {
    const report = await doctor(healthyRelease().ports, scope, signal);
    expect(report.findings.filter(({ verdict }) => verdict !== "pass")).toEqual([]);
    expect(report).toMatchObject({ ...scope, at: moment, version: "1.0.0", profile: "small" });
    expect(doctorPresenter.exit?.(report)).toBe("ok");
    expect(doctorPresenter.text(report, createStyle(false))).toMatch(/\nhealthy: \d+ passed$/);
  });

  it("ends with 5 when a check fails, and tells why and what to do; with 0 for warnings and unknowns", async () => {
    const rig = healthyRelease();
    rig.health.keys = new Map();
    const failing = await doctor(rig.ports, scope, signal);
    expect(doctorPresenter.exit?.(failing)).toBe("attention");
    const text = doctorPresenter.text(failing, createStyle(false));
    expect(text).toContain("✗  Credentials    Secret/pull is missing (needed by backend)");
    expect(text).toMatch(
      /✗ {2}Credentials: Secret\/pull is missing[\s\S]*why {5}What runs has read them already[\s\S]*fix {5}.*migratectl install/,
    );
    expect(text).toMatch(/\nneeds attention: 1 failed, \d+ passed$/);
    const other = healthyRelease();
    other.health.stats = { kind: "denied", verb: "get", resource: "nodes/proxy", message: "" };
    other.health.objects = { kind: "known", value: [] };
    const unknown = await doctor(other.ports, scope, signal);
    expect(doctorPresenter.exit?.(unknown)).toBe("ok");
    expect(doctorPresenter.json(unknown)).toMatchObject({ verdict: "warn", counts: { fail: 0, warn: 1, unknown: 2 } });
  });

  it("refuses a release that neither Helm nor the cluster knows, and a cluster that gives no answer", async () => {
    const absent = healthyRelease();
    absent.workloads.release.facts = facts();
    absent.workloads.release.helm = { kind: "known", value: undefined };
    await expect(doctor(absent.ports, scope, signal)).rejects.toMatchObject({ code: "STATUS_NOT_INSTALLED" });
    const silent = healthyRelease();
    silent.workloads.release.failures = [new Problem("CLUSTER_UNREACHABLE", { what: "no answer" })];
    await expect(doctor(silent.ports, scope, signal)).rejects.toMatchObject({ code: "CLUSTER_UNREACHABLE" });
  });

  it("tells what fails by itself as unknown, with the reason, and everything else all the same", async () => {
    const rig = healthyRelease();
    rig.host.broken = new Problem("EXEC_FAILED", { what: "the pod is gone" });
    const { findings } = await doctor(rig.ports, scope, signal);
    const unknown = findings.filter(({ verdict }) => verdict === "unknown");
    expect(unknown.map(({ check }) => check)).toEqual(["redis", "archive", "backups", "drill"]);
    expect(new Set(unknown.map(({ seen }) => seen))).toEqual(new Set(["could not be read: the pod is gone"]));
    expect(findings.filter(({ verdict }) => verdict === "fail" || verdict === "warn")).toEqual([]);
  });

  it("finds a repository of another database unusable, which is no question that went wrong", async () => {
    const rig = healthyRelease();
    rig.host.asPrimary = { ...rig.host.primaryNow(), systemId: "1" };
    expect(await findingsOf(rig, "archive")).toMatchObject([{ verdict: "fail", fix: expect.stringMatching(/\w/) }]);
  });

  it("reads holes and archiver from the repository itself", async () => {
    const holed = healthyRelease();
    holed.host.lost.push("000000040000000000000011");
    expect(await findingsOf(holed, "archive")).toMatchObject([
      {
        verdict: "fail",
        seen: expect.stringMatching(/^what is written now cannot be restored from set 20261125-071422F: 000000040000000000000011 missing$/),
      },
    ]);
    const rig = healthyRelease();
    rig.host.asPrimary = { ...rig.host.primaryNow(), archived: { segment: "A", at: ago(90), failedSegment: "B", failedAt: ago(30) } };
    const findings = await findingsOf(rig, "archive");
    expect(findings[0]).toMatchObject({ verdict: "fail", seen: expect.stringContaining("segment B cannot be archived") });
  });

  it("asks the kubelets of the nodes that hold volumes, and the database's pod only where they do not tell", async () => {
    const rig = healthyRelease();
    await doctor(rig.ports, scope, signal);
    expect([rig.health.asked, rig.host.volumeAsked]).toEqual([[["node-a", "node-b"]], 0]);
    rig.health.stats = { kind: "known", value: { claims: [], containers: [], silent: ["node-b"] } };
    const findings = await findingsOf(rig, "volumes");
    expect(rig.host.volumeAsked).toBe(1);
    expect(findings.map(({ verdict, seen }) => [verdict, seen.split(" ")[0]])).toEqual([
      ["warn", "data-postgres-0"],
      ["unknown", "the"],
    ]);
  });

  it("tells a run that is going on from one that was left", async () => {
    const rig = healthyRelease();
    await rig.leaveRun("restore");
    expect((await findingsOf(rig, "release")).map(({ verdict }) => verdict)).toEqual(["pass", "fail"]);
    const holder = { user: "ada", host: "jump-1", pid: 1, run: "r", machine: "m", processStart: "1" };
    await rig.objects.writeLease(scope.namespace, leaseName, { holder, acquiredAt: moment, durationSeconds: 30 }, undefined, signal);
    expect((await findingsOf(rig, "release"))[1]).toMatchObject({ verdict: "warn", seen: expect.stringContaining("ada from jump-1") });
  });

  it("tells how far it is, and ends with what the command was ended with", async () => {
    const rig = healthyRelease();
    const progress = new RecordingProgress();
    await gatherDoctorFacts({ ...rig.ports, progress }, scope, signal);
    expect(progress.ids("started")).toEqual(progress.ids("done"));
    expect(progress.events.filter(({ kind }) => kind === "advanced").at(-1)).toMatchObject({ advance: { unit: "items" } });
    rig.health.stuck.add("belongings");
    const stop = new AbortController();
    const running = gatherDoctorFacts(rig.ports, scope, stop.signal);
    stop.abort(new Problem("CANCELLED", { what: "stopped by the test" }));
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("gives each question its own time", async () => {
    const questions = new Questions(new RecordingProgress(), signal);
    const never = (own: AbortSignal) =>
      new Promise<never>((_, reject) => own.addEventListener("abort", () => reject(own.reason), { once: true }));
    expect(await Promise.all([questions.ask("slow", 20, never), questions.ask("quick", 60_000, async () => 1)])).toEqual([
      { kind: "unavailable", message: "slow: no answer within 0.02 s" },
      { kind: "known", value: 1 },
    ]);
  });
});
