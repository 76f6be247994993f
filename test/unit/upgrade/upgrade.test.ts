import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { putOffIn, readRecord, recordName } from "../../../src/workflow/run/record-book.ts";
import { stopsTo } from "../../../src/workflow/upgrade/stops.ts";
import { failure } from "../../fakes/failure.ts";
import { Power } from "../../fakes/power.ts";
import { answersInput, canaries } from "../install/rig.ts";
import { crashing, releases, UpgradeRig } from "./rig.ts";

const smokeFailed = new Problem("SMOKE_FAILED", { what: "no assessment is finished" });
const generated = ["postgres-credentials", "redis-credentials", "app-secrets", "backup-encryption"];

async function secretsOf(rig: UpgradeRig): Promise<readonly unknown[]> {
  return await Promise.all(generated.map((name) => rig.objects.readSecret("shop", name)));
}

describe("an upgrade", () => {
  it("makes a restore point before migrations without a way back, brings the schema along, changes no secret, and is recorded", async () => {
    const rig = await UpgradeRig.installed();
    const before = await secretsOf(rig);
    const { outcome, progress } = rig.upgrade("1.1.0");
    const result = await outcome;
    const restorePoint = { name: "before-1.1.0-1", timeline: 1, lsn: "0/3000028" };
    expect(result).toMatchObject({ kind: "upgraded", from: "1.0.0", putOff: [], restorePoint });
    expect(progress.ids("done")).toEqual(result.plan.actions.map(({ id }) => id).filter((id) => id !== "secrets"));
    expect([rig.deployed, rig.schema, rig.tried]).toEqual(["1.1.0", "0003", ["1.1.0"]]);
    expect(await secretsOf(rig)).toEqual(before);
    expect(rig.record().entries.at(-1)).toMatchObject({
      workflow: "upgrade",
      version: "1.1.0",
      schemaRevision: "0003",
      migrations: [{ id: "0003", kind: "expand" }],
      restorePoint,
      outcome: "succeeded",
    });
  });

  it("keeps its answers in the place of those that an earlier migratectl kept", async () => {
    const rig = await UpgradeRig.installed();
    const found = await rig.objects.readDocument("shop", recordName, new AbortController().signal);
    const old = { ...found?.value, "answers.json": '{"version":"migratectl/v1","storage":{"backup":"500Gi"}}\n' };
    await rig.objects.writeDocument("shop", recordName, old, {}, found?.version, new AbortController().signal);
    await rig.upgrade("1.1.0").outcome;
    const book = await readRecord(rig.objects, "shop", new AbortController().signal);
    expect(JSON.parse(book?.answers ?? "")).toMatchObject({ version: "migratectl/v2", backup: { timeZone: "Etc/UTC" } });
    expect(book?.answers).not.toContain("500Gi");
  });

  it("needs no restore point where no migration runs", async () => {
    const rig = await UpgradeRig.installed();
    const { plan } = await rig.upgrade("1.0.1").outcome;
    expect(plan.actions.map(({ id }) => id)).not.toContain("restore-point");
    expect(rig.points.size).toBe(0);
  });

  it("under --dry-run shows the very plan, and touches nothing", async () => {
    const rig = await UpgradeRig.installed();
    const [snapshot, done] = [rig.objects.snapshot(), [...rig.helm.done]];
    const { outcome, progress } = rig.upgrade("1.1.0", { dryRun: true });
    const { kind, plan } = await outcome;
    expect(progress.events).toContainEqual({ kind: "note", text: "1.1.0: Reports are new." });
    expect(plan.actions.find(({ id }) => id === "apply")?.touches).toContain("the database's schema: 0003 (expand)");
    expect([kind, rig.objects.snapshot(), rig.helm.done]).toEqual(["planned", snapshot, done]);
    expect((await rig.upgrade("1.1.0").outcome).plan).toEqual(plan);
  });

  it("carried out once more does nothing", async () => {
    const rig = await UpgradeRig.installed();
    await rig.upgrade("1.1.0").outcome;
    const revisions = rig.helm.revisions.length;
    expect(await rig.upgrade("1.1.0").outcome).toMatchObject({ kind: "unchanged", from: "1.0.0" });
    expect(rig.helm.revisions).toHaveLength(revisions);
  });

  it("with other answers than those it was carried out with is no upgrade any more, but an installation", async () => {
    const rig = await UpgradeRig.installed();
    await rig.upgrade("1.1.0").outcome;
    const revisions = rig.helm.revisions.length;
    expect(await failure(rig.upgrade("1.1.0", { profile: "trial" }).outcome)).toMatchObject({
      code: "UPGRADE_SAME_VERSION",
      fix: expect.stringContaining("migratectl install"),
    });
    expect(rig.helm.revisions).toHaveLength(revisions);
  });

  it("tells before anything is touched when the way does not lead there", async () => {
    const code = async (rig: UpgradeRig, version: string, call = {}) =>
      ((await failure(rig.upgrade(version, call).outcome)) as Problem).code;
    expect(await code(new UpgradeRig(), "1.1.0")).toBe("UPGRADE_NOTHING");
    const rig = await UpgradeRig.installed();
    const snapshot = rig.objects.snapshot();
    expect(await code(rig, "2.0.0")).toBe("UPGRADE_STOP_MISSING");
    expect(await code(rig, "1.0.0")).toBe("UPGRADE_SAME_VERSION");
    expect(await code(rig, "1.1.0", { finish: true })).toBe("UPGRADE_FINISH_OTHER");
    rig.schema = "0003,0004";
    expect(await code(rig, "1.1.0")).toBe("UPGRADE_SCHEMA_DIRTY");
    rig.schema = "beef";
    expect(await code(rig, "1.1.0")).toBe("UPGRADE_SCHEMA_UNKNOWN");
    expect([rig.objects.snapshot(), rig.helm.revisions.length]).toEqual([snapshot, 1]);
  });

  it.each([
    ["whose pods crash", crashing, undefined],
    ["whose smoke test fails", undefined, smokeFailed],
  ])("%s is taken back by itself: the release of before runs and has been tried out", async (_, rollout, smoke) => {
    const rig = await UpgradeRig.installed();
    if (rollout !== undefined) rig.rolloutFailures.set("1.1.0", rollout);
    if (smoke !== undefined) rig.smokeFailures.set("1.1.0", smoke);
    const problem = (await failure(rig.upgrade("1.1.0").outcome)) as Problem;
    expect(problem).toMatchObject({ code: "RUN_UNDONE", exit: "rolledBack" });
    expect(problem.message).toContain((rollout ?? smoke)?.message);
    expect([rig.deployed, rig.tried.at(-1), rig.helm.done.at(-1)]).toEqual(["1.0.0", "1.0.0", "rollback 1"]);
    expect(rig.record().entries.at(-1)).toMatchObject({ workflow: "upgrade", outcome: "rolled-back" });

    rig.rolloutFailures.clear();
    rig.smokeFailures.clear();
    // The migrations have run: what is left is the code.
    expect(await rig.upgrade("1.1.0").outcome).toMatchObject({ kind: "upgraded", from: "1.0.0" });
    expect([rig.deployed, rig.tried.at(-1)]).toEqual(["1.1.0", "1.1.0"]);
  });

  it("with --no-rollback stays as it failed; the same command goes on, or `rollback` takes it back", async () => {
    const rig = await UpgradeRig.installed();
    rig.rolloutFailures.set("1.1.0", crashing);
    expect(await failure(rig.upgrade("1.1.0", { rollback: false }).outcome)).toMatchObject({ code: "ROLLOUT_FAILED" });
    expect(rig.deployed).toBe("1.1.0");
    expect(await rig.rollback().outcome).toMatchObject({
      kind: "rolled-back",
      from: { version: "1.1.0" },
      to: { revision: 1, version: "1.0.0" },
    });
    expect([rig.deployed, rig.tried.at(-1)]).toEqual(["1.0.0", "1.0.0"]);
    rig.rolloutFailures.clear();
    expect(await rig.upgrade("1.1.0").outcome).toMatchObject({ kind: "upgraded", from: "1.0.0" });
  });

  it("whose chart changed a generated secret stops, and goes back", async () => {
    const rig = await UpgradeRig.installed();
    const { helm } = rig;
    const apply = helm.apply.bind(helm);
    helm.apply = async (render) => {
      const values = { "redis-password": "changed" };
      await rig.objects.setSecret("shop", { name: "redis-credentials", labels: {}, type: "Opaque", values });
      return await apply(render);
    };
    const problem = (await failure(rig.upgrade("1.1.0").outcome)) as Problem;
    expect(problem.message).toContain("redis-credentials/");
    expect(problem.cause).toMatchObject({ code: "UPGRADE_SECRET_CHANGED" });
    expect(problem.message).not.toContain('changed"');
    expect(rig.deployed).toBe("1.0.0");
  });

  it("leaves no secret and no hash of one without salt in journal, record, plan and what is told", async () => {
    const rig = await UpgradeRig.installed();
    await rig.upgrade("1.1.0").outcome;
    const open = rig.everythingOpen();
    for (const canary of Object.values(canaries)) expect(open).not.toContain(canary);
    for (const secret of await secretsOf(rig))
      for (const value of Object.values(secret as Readonly<Record<string, string>>)) expect(open).not.toContain(value);
    expect(answersInput.registry?.password).toBeDefined();
  });
});

describe("an upgrade whose migration contracts the schema", () => {
  const toTwo = async (): Promise<UpgradeRig> => {
    const rig = await UpgradeRig.installed();
    await rig.upgrade("1.1.0").outcome;
    return rig;
  };

  it("puts that off, so that going back needs no restore; finishing runs it", async () => {
    const rig = await toTwo();
    expect(await rig.upgrade("2.0.0").outcome).toMatchObject({ kind: "upgraded", putOff: ["0004"] });
    expect([rig.deployed, rig.schema, rig.migratedTo.at(-1)]).toEqual(["2.0.0", "0003", "0003"]);
    const putOff = async () => putOffIn(await readRecord(rig.objects, "shop", AbortSignal.timeout(1000)));
    expect(await putOff()).toMatchObject({ version: "2.0.0", ids: ["0004"] });
    expect(await rig.rollback().outcome).toMatchObject({ kind: "rolled-back", to: { version: "1.1.0" } });
    expect(await rig.upgrade("2.0.0").outcome).toMatchObject({ kind: "upgraded", putOff: ["0004"] });

    const finished = await rig.upgrade("2.0.0", { finish: true }).outcome;
    expect(finished).toMatchObject({ kind: "finished", putOff: [], restorePoint: { name: expect.stringMatching(/^before-2\.0\.0-/) } });
    expect([rig.schema, rig.migratedTo.at(-1)]).toEqual(["0004", undefined]);
    expect(await putOff()).toBeUndefined();
    expect(await rig.upgrade("2.0.0", { finish: true }).outcome).toMatchObject({ kind: "unchanged" });
  });

  it("once finished is not gone back from: the restore point is named", async () => {
    const rig = await toTwo();
    await rig.upgrade("2.0.0").outcome;
    await rig.upgrade("2.0.0", { finish: true }).outcome;
    const problem = (await failure(rig.rollback({ to: "1.1.0" }).outcome)) as Problem;
    expect(problem).toMatchObject({ code: "ROLLBACK_SCHEMA", message: "the database's schema is at revision 0004; 1.1.0 works with 0003" });
    expect(problem.fix).toMatch(/--to-name before-2\.0\.0-/);
    expect(rig.deployed).toBe("2.0.0");
    // After that restore the database is where the code of before works.
    rig.schema = "0003";
    expect(await rig.rollback({ to: "1.1.0" }).outcome).toMatchObject({ kind: "rolled-back" });
  });

  it("finished over a release that has put nothing off changes nothing", async () => {
    const rig = await toTwo();
    expect(await rig.upgrade("1.1.0", { finish: true }).outcome).toMatchObject({ kind: "unchanged", putOff: [] });
  });
});

describe("an upgrade through stops", () => {
  const stops = (rig: UpgradeRig, to?: string) =>
    stopsTo(
      rig,
      { name: "shop", namespace: "shop", to },
      [releases["2.0.0"], releases["1.1.0"]].flatMap((one) => one ?? []),
      signal,
    );
  const signal = new AbortController().signal;

  it("passes every release that has to come first, and begins anew where one was interrupted", async () => {
    const rig = await UpgradeRig.installed();
    const versions = async (to?: string) => (await stops(rig, to)).map(({ version }) => version);
    expect(await versions()).toEqual(["1.1.0", "2.0.0"]);
    expect(await versions("1.1.0")).toEqual(["1.1.0"]);
    expect(await failure(versions("3.0.0"))).toMatchObject({ code: "USAGE" });
    rig.rolloutFailures.set("1.1.0", crashing);
    await failure(rig.upgrade("1.1.0", { rollback: false }).outcome);
    expect(rig.deployed).toBe("1.1.0");
    expect(await versions()).toEqual(["1.1.0", "2.0.0"]);
    // Not over a release that has not proved itself.
    expect(await failure(rig.upgrade("2.0.0").outcome)).toMatchObject({
      code: "RUN_UNFINISHED",
      fix: expect.stringContaining("migratectl rollback"),
    });
    rig.rolloutFailures.clear();
    await rig.upgrade("1.1.0").outcome;
    expect(await versions()).toEqual(["2.0.0"]);
  });

  it("has nothing to begin from where nothing is installed", async () => {
    expect(await failure(stops(new UpgradeRig()))).toMatchObject({ code: "UPGRADE_NOTHING" });
  });
});

describe("going back", () => {
  it("leads only to what was deployed, by revision or version, and only where the schema is known to fit", async () => {
    const rig = await UpgradeRig.installed();
    expect(await failure(rig.rollback().outcome)).toMatchObject({ code: "ROLLBACK_NOTHING" });
    await rig.upgrade("1.1.0").outcome;
    expect(await failure(rig.rollback({ to: "7" }).outcome)).toMatchObject({
      code: "ROLLBACK_NOTHING",
      message: expect.stringContaining("1 (1.0.0)"),
    });
    expect(await failure(rig.rollback({ to: "newest" }).outcome)).toMatchObject({ code: "USAGE" });
    rig.schema = "0009";
    expect(await failure(rig.rollback({ to: "1" }).outcome)).toMatchObject({ code: "ROLLBACK_SCHEMA" });
    expect(await rig.rollback({ to: "1", skipSchema: "tried it" }).outcome).toMatchObject({ kind: "rolled-back" });
    expect(rig.record().entries.at(-1)).toMatchObject({ skippedChecks: [{ check: "schema", reason: "tried it" }] });
  });

  it("to a release that the record does not know needs a reason", async () => {
    const rig = await UpgradeRig.installed();
    rig.helm.leave("shop", "superseded", { appVersion: "0.9.0", description: "by hand" });
    await rig.upgrade("1.1.0").outcome;
    expect(await failure(rig.rollback({ to: "0.9.0" }).outcome)).toMatchObject({ code: "ROLLBACK_SCHEMA_UNKNOWN" });
    expect(await rig.rollback({ to: "0.9.0", skipSchema: "it has the same schema" }).outcome).toMatchObject({ kind: "rolled-back" });
  });

  it("that was cut off goes on with the same command", async () => {
    const rig = await UpgradeRig.installed();
    await rig.upgrade("1.1.0").outcome;
    const cut = rig.rollback({ power: new Power("rollback", "after") });
    await cut.outcome.catch(() => undefined);
    rig.kill(cut.run);
    expect(await rig.rollback().outcome).toMatchObject({ kind: "rolled-back", from: { version: "1.1.0" }, to: { revision: 1 } });
    expect(rig.helm.done.filter((done) => done.startsWith("rollback"))).toEqual(["rollback 1"]);
  });
});

describe("an upgrade that is cut off (kill -9)", async () => {
  const counted = await UpgradeRig.installed();
  const whole = new Power();
  await counted.upgrade("1.1.0", { power: whole }).outcome;
  const secrets = await secretsOf(counted);
  const cuts = Array.from({ length: whole.changes }, (_, index) => index + 1).flatMap((at) => [
    { at, moment: "before" as const },
    { at, moment: "after" as const },
  ]);
  expect(cuts.length).toBeGreaterThan(20);

  it.each(cuts)("cut $moment change $at: the same command ends in the same state", async ({ at, moment }) => {
    const rig = await UpgradeRig.installed();
    const before = await secretsOf(rig);
    const power = new Power(at, moment);
    const cut = rig.upgrade("1.1.0", { power });
    await cut.outcome.catch(() => undefined);
    expect(power.isCut).toBe(true);
    rig.kill(cut.run);
    expect((await rig.upgrade("1.1.0").outcome).from).toBe("1.0.0");
    expect([rig.deployed, rig.schema, rig.tried.at(-1)]).toEqual(["1.1.0", "0003", "1.1.0"]);
    expect(rig.helm.done.filter((done) => done === "apply")).toHaveLength(2);
    expect(await secretsOf(rig)).toEqual(before);
    expect(secrets).toHaveLength(before.length);
  });

  it.each(cuts)("cut $moment change $at: `rollback` brings the release of before back", async ({ at, moment }) => {
    const rig = await UpgradeRig.installed();
    const power = new Power(at, moment);
    const cut = rig.upgrade("1.1.0", { power });
    await cut.outcome.catch(() => undefined);
    rig.kill(cut.run);
    const back = rig.rollback();
    const problem = await back.outcome.then(
      () => undefined,
      (error: unknown) => error as Problem,
    );
    // Where Helm had nothing of the new release there is nothing to go back from.
    if (problem !== undefined) expect(["ROLLBACK_NOTHING", "RUN_UNFINISHED"]).toContain(problem.code);
    expect(rig.deployed).toBe("1.0.0");
  });
});
