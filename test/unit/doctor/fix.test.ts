import { describe, expect, it } from "vitest";
import { doctorPresenter } from "../../../src/cli/presenters/doctor.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import type { Belonging } from "../../../src/domain/doctor/belonging.ts";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { known } from "../../../src/domain/reading.ts";
import { doctor } from "../../../src/workflow/doctor/doctor.ts";
import { fix } from "../../../src/workflow/doctor/fix.ts";
import { recordName } from "../../../src/workflow/run/record-book.ts";
import { failure } from "../../fakes/failure.ts";
import { FakeOperator } from "../../fakes/fake-operator.ts";
import { clusterVerbs, Power } from "../../fakes/power.ts";
import { ago } from "../../fakes/rollout-objects.ts";
import { HelmReleases } from "../install/helm-releases.ts";
import { healthyRelease, scope } from "./release.ts";

const signal = AbortSignal.timeout(15_000);
const labels = { "app.kubernetes.io/managed-by": "migratectl" };

/** A release with leftovers, whose helm was killed; what doctor reads follows what is done to it. */
function brokenRelease({ pending = "pending-upgrade", silentFor = 3600 }: { readonly pending?: string; readonly silentFor?: number } = {}) {
  const rig = healthyRelease();
  const { objects } = rig;
  const helm = new HelmReleases(objects);
  if (pending !== "pending-install") helm.leave(scope.release, "deployed");
  helm.leave(scope.release, pending);
  const kept = rig.workloads.release.helm;
  Object.defineProperty(rig.workloads.release, "helm", {
    get: () => {
      const newest = helm.revisions.at(-1);
      const facts = kept.kind === "known" ? kept.value : undefined;
      if (facts === undefined || newest === undefined) return known(undefined);
      return known({ ...facts, revision: newest.revision, status: newest.status, deployedAt: ago(silentFor) });
    },
  });
  const left = [
    ["Pod", "postgres-restore-r1"],
    ["ConfigMap", "restore-r1"],
    ["PersistentVolumeClaim", "data-of-a-drill"],
  ] as const;
  for (const [kind, name] of left) objects.place(scope.namespace, kind, name, labels);
  objects.place(scope.namespace, "ConfigMap", "somebodys", {});
  Object.defineProperty(rig.health, "objects", {
    get: () => {
      const common = { createdAt: ago(86_400), owned: false, ended: false };
      const all = [
        ...left.map(([kind, name]) => ({ kind, name, managedBy: "migratectl" })),
        { kind: "ConfigMap", name: "somebodys", managedBy: "Helm" },
      ];
      return known(
        (all as Pick<Belonging, "kind" | "name" | "managedBy">[])
          .map((one) => ({ ...common, ...one, uid: objects.uidOf(scope.namespace, one.kind, one.name) }))
          .filter(({ uid }) => uid !== ""),
      );
    },
  });
  const asked: (readonly string[])[] = [];
  const operator = new FakeOperator();
  let runs = 0;
  const ports = (power = new Power()) => ({
    ...rig.ports,
    objects: power.plug(objects, clusterVerbs),
    clock: rig.clock,
    helm: power.plug(helm, ["rollback"]),
    operator,
    run: `repair-${++runs}`,
    by: async () => ({ cluster: "admin", host: "anna@jump-1" }),
    confirm: async (told: readonly string[]): Promise<void> => void asked.push(told),
  });
  const there = () =>
    [...left, ["ConfigMap", "somebodys"] as const].filter(([kind, name]) => objects.uidOf(scope.namespace, kind, name) !== "");
  /** Mends it, with time passing as it is waited for. */
  const mend = (given = ports(), dryRun = false) => rig.clock.during(fix(given, scope, { dryRun }, signal));
  return { ...rig, helm, ports, asked, operator, there, mend };
}

const texts = [
  expect.stringContaining("unlock release migrate-platform, whose revision 2 is pending-upgrade"),
  "delete Pod/postgres-restore-r1: no run needs it",
  "delete ConfigMap/restore-r1: no run needs it",
];

describe("doctor --fix", () => {
  it("mends what is safe to mend after a yes, looks again, and is recorded; claims and what others made stay", async () => {
    const rig = brokenRelease();
    const report = await rig.mend();
    expect(rig.asked).toEqual([texts]);
    expect(report).toMatchObject({ fix: { state: "done", texts }, remedies: [] });
    expect(rig.helm.done).toEqual(["rollback 1"]);
    expect(rig.there().map(([, name]) => name)).toEqual(["data-of-a-drill", "somebodys"]);
    expect(report.findings.filter(({ check }) => check === "release").map(({ verdict }) => verdict)).toEqual(["pass"]);
    const record = await rig.objects.readDocument(scope.namespace, recordName, signal);
    expect(JSON.parse(record?.value["record.json"] ?? "").entries).toMatchObject([
      { workflow: "repair", run: "repair-1", outcome: "succeeded" },
    ]);
  });

  it("is offered by doctor, and told by its dry run; neither touches anything", async () => {
    const rig = brokenRelease();
    const before = rig.objects.snapshot();
    const offered = await doctor(rig.ports(), scope, signal);
    expect(doctorPresenter.json(offered)).toMatchObject({ fix: { state: "offered", texts } });
    expect(doctorPresenter.text(offered, createStyle(false))).toContain("migratectl doctor --fix would:\n   unlock release");
    const planned = await rig.mend(rig.ports(), true);
    expect(doctorPresenter.json(planned)).toMatchObject({ fix: { state: "planned", texts } });
    expect([rig.objects.snapshot(), rig.helm.done, rig.asked]).toEqual([before, [], []]);
  });

  it("asks nobody where nothing is to be mended", async () => {
    const rig = healthyRelease();
    const report = await fix(
      { ...brokenRelease().ports(), ...rig.ports, objects: rig.objects, clock: rig.clock },
      scope,
      { dryRun: false },
      signal,
    );
    expect(report.fix).toEqual({ state: "done", texts: [] });
    expect(doctorPresenter.text(report, createStyle(false))).toContain("nothing that is safe to mend");
  });

  it("finishes an installation that never was deployed", async () => {
    const rig = brokenRelease({ pending: "pending-install" });
    await rig.mend();
    expect(rig.helm.done).toEqual(["rollback 1"]);
    expect(rig.helm.revisions.at(-1)?.status).toBe("deployed");
  });

  it("does not unlock at what a helm may be at work, nor touch anything while a run is unfinished", async () => {
    const young = await doctor(brokenRelease({ silentFor: 300 }).ports(), scope, signal);
    expect(young.remedies.map(({ kind }) => kind)).toEqual(["clear", "clear"]);
    const rig = brokenRelease();
    await rig.leaveRun("upgrade");
    expect((await doctor(rig.ports(), scope, signal)).remedies).toEqual([]);
  });

  it("touches nothing when a run has begun since it looked", async () => {
    const rig = brokenRelease();
    const ports = { ...rig.ports(), confirm: () => rig.leaveRun("restore") };
    expect(await failure(rig.mend(ports))).toMatchObject({ code: "RUN_UNFINISHED" });
    expect([rig.helm.done, rig.there()]).toEqual([[], rig.there()]);
    expect(rig.there()).toHaveLength(4);
  });

  it("leaves alone a release that has come to its end meanwhile, and an object that was made anew", async () => {
    const rig = brokenRelease();
    const ports = {
      ...rig.ports(),
      confirm: async () => {
        rig.helm.leave(scope.release, "deployed");
        rig.objects.lose(scope.namespace, "Pod", "postgres-restore-r1");
        rig.objects.place(scope.namespace, "Pod", "postgres-restore-r1", labels);
      },
    };
    await rig.mend(ports);
    expect(rig.helm.done).toEqual([]);
    expect(rig.there().map(([, name]) => name)).toContain("postgres-restore-r1");
  });

  it("says so where helm's rollback does not unlock it", async () => {
    const rig = brokenRelease();
    const helm = {
      ...rig.ports().helm,
      find: async () => rig.helm.revisions[1],
      history: async () => rig.helm.revisions,
      rollback: async () => undefined,
    };
    const problem = await failure(rig.mend({ ...rig.ports(), helm: helm as never }));
    expect(problem).toMatchObject({ code: "HELM_STUCK", message: expect.stringContaining("is pending-upgrade after helm rollback") });
  });

  it("cut off before or after any of its changes is finished by the same call", async () => {
    const whole = new Power();
    const undisturbed = brokenRelease();
    await undisturbed.mend(undisturbed.ports(whole));
    expect(whole.changes).toBeGreaterThan(4);
    for (let change = 1; change <= whole.changes; change += 1)
      for (const when of ["before", "after"] as const) {
        const rig = brokenRelease();
        await rig.mend(rig.ports(new Power(change, when))).catch(() => undefined);
        rig.operator.dead.add("repair-1");
        const report = await rig.mend();
        expect([change, when, report.remedies, rig.helm.done, rig.there().length]).toEqual([change, when, [], ["rollback 1"], 2]);
      }
  });
});

describe("a problem of the cluster", () => {
  it("while mending ends it with that problem, and gives the Lease back", async () => {
    const rig = brokenRelease();
    const refused = new Problem("CLUSTER_FORBIDDEN", { what: "delete pods" });
    const objects = new Proxy(rig.objects, {
      get: (target, name) => (name === "deleteExactly" ? () => Promise.reject(refused) : Reflect.get(target, name, target).bind?.(target)),
    });
    expect(await failure(rig.mend({ ...rig.ports(), objects }))).toBe(refused);
    expect((await rig.objects.readLease(scope.namespace, "migratectl", signal)).lease).toBeUndefined();
  });
});
