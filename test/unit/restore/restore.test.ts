import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import type { NewRecordEntry } from "../../../src/domain/plan/record.ts";
import { requireRoom } from "../../../src/workflow/restore/room.ts";
import { writeRecord } from "../../../src/workflow/run/record-book.ts";
import { failure } from "../../fakes/failure.ts";
import { Power } from "../../fakes/power.ts";
import { Rig, target } from "./rig.ts";

describe("a restore", () => {
  it("takes the platform out of service, restores beside the data, and brings everything back on a timeline of its own", async () => {
    const rig = await Rig.installed();
    const before = rig.database.inService;
    const { outcome, progress } = rig.restore();
    expect(await outcome).toMatchObject({ kind: "restored", id: "r1", target });
    expect(progress.ids("done")).toEqual([
      "identity",
      "lease",
      "quiesce",
      "state-before",
      "redis-before",
      "stop-database",
      "recover",
      "promote",
      "start-database",
      "redis",
      "back-in-service",
      "goes-on",
      "rollout",
      "smoke",
      "backup",
    ]);
    expect(rig.database.rows).toBe(7);
    expect(rig.database.timeline).toBe(2);
    expect(rig.database.inService).toBe(before);
    expect(rig.database.backups).toEqual(["full"]);
    expect(rig.database.directories.get("17-first")).toMatchObject({ rows: 10, replacedBy: "r1" });
    expect(rig.database.pods.size).toBe(0);
    expect(rig.smokes).toBe(1);
    expect(rig.record().map(({ workflow, outcome: how }) => [workflow, how])).toEqual([["restore", "succeeded"]]);
  });

  it("tells what each action took, also of those that an earlier run had done", async () => {
    const rig = await Rig.installed();
    const { plan, actions, outOfService, seconds } = await rig.restore().outcome;
    // That nothing is restored beside the database is found so, and took nothing.
    const carriedOut = plan.actions.map(({ id }) => id).filter((id) => id !== "end-scratch");
    expect(actions.map(({ id }) => id)).toEqual(carriedOut);
    expect(actions.reduce((sum, action) => sum + action.seconds, 0)).toBe(seconds);
    const took = (from: string, to: string) => {
      const ids = actions.map(({ id }) => id);
      return actions.slice(ids.indexOf(from), ids.indexOf(to) + 1).reduce((sum, action) => sum + action.seconds, 0);
    };
    expect(outOfService).toBe(took("quiesce", "back-in-service"));

    rig.database.backupFailure = "no space left on device";
    const first = await failure(rig.restore().outcome);
    expect(first).toMatchObject({ code: "BACKUP_FAILED" });
    rig.database.backupFailure = undefined;
    const again = await rig.restore({ targetGiven: false }).outcome;
    expect(again.actions.map(({ id }) => id)).toEqual(carriedOut);
  });

  it("ends what is restored beside the database first, which would keep the repository's volume on its node", async () => {
    const rig = await Rig.installed();
    const spec = { args: ["restore"], bytes: 1, seconds: 60, notes: {} };
    await rig.beside.databases.start({ ...spec, purpose: "preview" }, AbortSignal.timeout(1000));
    const { outcome, progress } = rig.restore();
    expect(await outcome).toMatchObject({ kind: "restored" });
    expect(progress.ids("done")).toContain("end-scratch");
    expect(rig.beside.jobs.size).toBe(0);
  });

  it("under --dry-run shows the plan and touches nothing", async () => {
    const rig = await Rig.installed();
    const [snapshot, service] = [rig.objects.snapshot(), rig.database.inService];
    expect(await rig.restore({ dryRun: true }).outcome).toMatchObject({ kind: "planned" });
    expect([rig.objects.snapshot(), rig.database.inService]).toEqual([snapshot, service]);
    expect(rig.database.directories.size).toBe(1);
  });

  it("whose recovery fails brings the old data back into service, and says so", async () => {
    const rig = await Rig.installed();
    const before = rig.database.inService;
    rig.database.recoveryFailure = "recovery ended before configured recovery target was reached";
    const problem = await failure(rig.restore().outcome);
    expect(problem).toMatchObject({
      code: "RUN_UNDONE",
      message: expect.stringContaining("recovery ended before configured"),
      cause: expect.objectContaining({ code: "RESTORE_FAILED" }),
    });
    expect(rig.database).toMatchObject({ inService: before, rows: 10, timeline: 1 });
    expect(rig.record().map(({ outcome }) => outcome)).toEqual(["rolled-back"]);
  });

  it("to a moment that the person does not want once it is shown changes nothing", async () => {
    const rig = await Rig.installed();
    const before = rig.database.inService;
    rig.refusesReached = new Problem("RESTORE_NOT_CONFIRMED", { what: '"no" is not yes' });
    expect(await failure(rig.restore().outcome)).toMatchObject({ code: "RUN_UNDONE" });
    expect(rig.database).toMatchObject({ inService: before, rows: 10, timeline: 1 });
    expect([...rig.database.directories.keys()]).toEqual(["17-first"]);
  });

  it("shows what the database holds at the moment beside what it held before, and tells it in the end", async () => {
    const rig = await Rig.installed();
    const result = await rig.restore().outcome;
    expect(result.checks).toContainEqual({
      id: "tables",
      verdict: "pass",
      seen: "2 tables, 8 rows; before -> now: migration.assessment 10 -> 7",
    });
    expect(rig.reached).toContain("schema pass: revision 0002, as before");
  });

  it("that leads to a schema which the running release cannot use is refused before it serves, unless a person gives the reason", async () => {
    const rig = await Rig.installed();
    const before = rig.database.inService;
    rig.database.recovered = { schemaRevision: "0001" };
    const problem = await failure(rig.restore().outcome);
    expect(problem).toMatchObject({
      code: "RUN_UNDONE",
      cause: expect.objectContaining({
        code: "RESTORE_CHECK_FAILED",
        message: expect.stringContaining("revision 0001, but the running release had 0002"),
      }),
    });
    expect(rig.database).toMatchObject({ inService: before, rows: 10, timeline: 1 });
    const { checks } = await rig.restore({ skips: { schema: "install migrates it" } }).outcome;
    expect(checks.find(({ id }) => id === "schema")).toMatchObject({ verdict: "fail", skipped: "install migrates it" });
    expect(rig.record().at(-1)).toMatchObject({
      outcome: "succeeded",
      skippedChecks: [{ check: "schema", reason: "install migrates it" }],
    });
  });

  it("names the release that fits the schema it has reached", async () => {
    const rig = await Rig.installed();
    const installed = (version: string, schemaRevision: string) => ({
      ...{ workflow: "install", run: version, startedAt: "", finishedAt: "", by: { cluster: "", host: "" }, planDigest: version },
      ...{ version, schemaRevision, outcome: "succeeded", skippedChecks: [] },
    });
    const { signal } = new AbortController();
    const clusterUid = (await rig.objects.clusterUid("shop", signal)) ?? "";
    for (const entry of [installed("0.9.0", "0001"), installed("1.0.0", "0002")])
      await writeRecord(rig.objects, "shop", { release: "shop", clusterUid, entry: entry as NewRecordEntry }, signal);
    rig.database.recovered = { schemaRevision: "0001" };
    expect(await failure(rig.restore().outcome)).toMatchObject({
      message: expect.stringContaining("release 1.0.0 needs 0002; release 0.9.0 fits it"),
    });
  });

  it("after which a replica does not stream is not done, and the same command looks again", async () => {
    const rig = await Rig.installed();
    rig.database.served = { replicas: 0 };
    expect(await failure(rig.restore().outcome)).toMatchObject({
      code: "DEADLINE",
      message: expect.stringContaining("replicas do not stream"),
    });
    expect(rig.database.rows).toBe(7);
    rig.database.served = {};
    await rig.restore({ targetGiven: false }).outcome;
    expect(rig.record().at(-1)).toMatchObject({ outcome: "succeeded" });
  });

  it("after which no heartbeat is written is not done", async () => {
    const rig = await Rig.installed();
    rig.database.served = { heartbeat: { at: "2026-01-01T00:00:00Z", advances: false } };
    expect(await failure(rig.restore().outcome)).toMatchObject({ message: expect.stringContaining("heartbeat does not advance") });
  });

  it("shows the maintenance page by every entrance meanwhile, and leads back once the API is ready", async () => {
    const rig = await Rig.installed();
    const first = rig.restore({ power: new Power("decide") });
    await first.outcome.catch(() => undefined);
    rig.kill(first.run);
    const page = { selector: { app: "frontend" }, targetPort: "maintenance" };
    expect([...rig.database.entrances]).toEqual([
      ["frontend", page],
      ["backend", page],
    ]);
    await rig.restore().outcome;
    expect(rig.database.entrances.get("backend")).toEqual({ selector: { app: "backend" }, targetPort: "http" });
  });

  it("ends what others have open, tells whose it was, and goes on once nobody comes back", async () => {
    const rig = await Rig.installed();
    rig.database.strangers = 2;
    const { outcome, progress } = rig.restore();
    await outcome;
    expect(progress.notes).toContain("Ended a connection of anna from 10.0.0.9 (psql).");
  });

  it("is given up where somebody connects to the database again and again", async () => {
    const rig = await Rig.installed();
    const before = rig.database.inService;
    rig.database.strangers = Number.POSITIVE_INFINITY;
    const problem = await failure(rig.restore().outcome);
    expect(problem).toMatchObject({ code: "RUN_UNDONE", cause: expect.objectContaining({ code: "DEADLINE" }) });
    expect(rig.database).toMatchObject({ inService: before, rows: 10 });
  });

  it("whose backup afterwards fails keeps the restored data, and the same command goes on from there", async () => {
    const rig = await Rig.installed();
    const before = rig.database.inService;
    rig.database.backupFailure = "no space left on device";
    const problem = await failure(rig.restore().outcome);
    expect(problem).toMatchObject({ code: "BACKUP_FAILED", exit: "attention" });
    expect(rig.database.rows).toBe(7);
    rig.database.backupFailure = undefined;
    await rig.restore({ targetGiven: false }).outcome;
    expect(rig.database.inService).toBe(before);
  });

  it("to another moment is refused while one is unfinished", async () => {
    const rig = await Rig.installed();
    const first = rig.restore({ power: new Power("decide") });
    await first.outcome.catch(() => undefined);
    rig.kill(first.run);
    // Some primary answers, so that the other moment can be resolved.
    const other = { ...target, value: "2026-01-02 02:00:00.000000+00" };
    for (const pod of rig.database.pods.values()) pod.phase = "succeeded";
    const postgres = rig.database.parts.find(({ name }) => name === "postgres");
    if (postgres !== undefined) postgres.replicas = 1;
    expect(await failure(rig.restore({ target: other }).outcome)).toMatchObject({ code: "RESTORE_UNFINISHED" });
  });

  it("that was interrupted keeps an undo from beginning, and is named as it is typed", async () => {
    const rig = await Rig.installed();
    const first = rig.restore({ power: new Power("decide") });
    await first.outcome.catch(() => undefined);
    rig.kill(first.run);
    // As if an earlier restore could be undone.
    rig.database.directories.set("17-first", { timeline: 1, rows: 10, replacedBy: "r0" });
    rig.database.directories.set("17-r0", { timeline: 2, rows: 7 });
    rig.database.current = "17-r0";
    expect(await failure(rig.undo().outcome)).toMatchObject({ code: "RUN_UNFINISHED", fix: "Finish it first: migratectl backup restore" });
  });

  it("is undone: the data of before is back, and what the restore had made is kept", async () => {
    const rig = await Rig.installed();
    const before = rig.database.inService;
    await rig.restore().outcome;
    expect(await rig.undo().outcome).toMatchObject({ kind: "undone", id: "r1" });
    expect(rig.database).toMatchObject({ rows: 10, timeline: 1, inService: before });
    expect(rig.database.directories.get("17-r1")).toMatchObject({ rows: 7, replacedBy: "undo-r1" });
    expect(await failure(rig.undo().outcome)).toMatchObject({ code: "RESTORE_NOTHING_TO_UNDO" });
  });
});

describe("a restore onto a volume that is lost", async () => {
  const lost = async (): Promise<Rig> => {
    const rig = await Rig.installed();
    rig.loseVolume();
    return rig;
  };
  const reference = await lost();
  const before = reference.database.inService;
  const whole = new Power();
  const { progress, outcome } = reference.restore({ power: whole });
  await outcome;

  it("asks the repository from a pod of its own, makes the claim anew, and brings everything back", () => {
    expect(progress.ids("done")).toContain("claim");
    expect(reference.database).toMatchObject({ claimed: true, rows: 7, inService: before });
    expect(reference.database.pods.size).toBe(0);
  });

  it("under --dry-run starts no pod and makes no claim", async () => {
    const rig = await lost();
    expect(await failure(rig.restore({ dryRun: true }).outcome)).toMatchObject({ code: "BACKUP_HOST_MISSING" });
    expect([rig.database.claimed, rig.database.pods.size]).toEqual([false, 0]);
  });

  it("that fails leaves the claim, empty, and waits for no database that was not there before", async () => {
    const rig = await lost();
    rig.database.recoveryFailure = "the archive has a hole";
    expect(await failure(rig.restore().outcome)).toMatchObject({ code: "RUN_UNDONE" });
    expect(rig.database).toMatchObject({ claimed: true, inService: before });
    expect(rig.database.pods.size).toBe(0);
  });

  it("that Helm's record has no claim for says so", async () => {
    const rig = await lost();
    rig.manifest = "";
    expect(await failure(rig.restore().outcome)).toMatchObject({ message: expect.stringContaining("Helm's record of shop has none") });
  });

  const cuts = Array.from({ length: whole.changes }, (_, index) => index + 1).flatMap((at) => [
    { at, moment: "before" as const },
    { at, moment: "after" as const },
  ]);
  it.each(cuts)("cut $moment change $at is finished by the same command", async ({ at, moment }) => {
    const rig = await lost();
    const first = rig.restore({ power: new Power(at, moment) });
    await first.outcome.catch(() => undefined);
    rig.kill(first.run);
    await rig.restore().outcome;
    expect(rig.database).toMatchObject({ claimed: true, rows: 7, inService: before, redis: "jobs of the moment" });
    expect(rig.database.pods.size).toBe(0);
  });
});

describe("the room on the data volume", () => {
  const set = { label: "20260101-000000F", bytes: 1e9 };
  const directory = { name: "17-old", current: false, replacedBy: "r1", unfinished: false, bytes: 7e8 };

  it("must hold the restored data beside the present one: else nothing is begun, and what could be removed is told", () => {
    expect(() => requireRoom(set, { directories: [], free: 2e9 })).not.toThrow();
    expect(() => requireRoom(set, { directories: [directory], free: 9e8 })).toThrow(
      expect.objectContaining({ code: "RESTORE_NO_ROOM", exit: "recovery", message: expect.stringContaining("left 700 MB there") }),
    );
  });

  it("is given back by pruning, which never touches what is current", async () => {
    const rig = await Rig.installed();
    await rig.restore().outcome;
    expect(await rig.prune()).toMatchObject({
      kind: "pruned",
      directories: [{ name: "17-first" }],
    });
    expect([...rig.database.directories.keys()]).toEqual(["17-r1"]);
    expect(await failure(rig.undo().outcome)).toMatchObject({ code: "RESTORE_NOTHING_TO_UNDO" });
  });

  it("is not given back while a restore is on its way, which may need the old data to go back to", async () => {
    const rig = await Rig.installed();
    rig.database.backupFailure = "no space left on device";
    await failure(rig.restore().outcome);
    expect(await failure(rig.prune())).toMatchObject({ code: "RUN_UNFINISHED", fix: "Finish it first: migratectl backup restore" });
    expect(rig.database.directories.get("17-first")).toMatchObject({ rows: 10 });
    expect((await rig.objects.readLease("shop", "migratectl")).lease).toBeUndefined();
  });

  it("is not given back without a yes", async () => {
    const rig = await Rig.installed();
    await rig.restore().outcome;
    const no = new Problem("RESTORE_NOT_CONFIRMED", { what: "no" });
    await expect(rig.prune({ confirm: () => Promise.reject(no) })).rejects.toBe(no);
    expect(rig.database.directories.size).toBe(2);
  });
});

describe("kill -9 at any change of a restore", async () => {
  const reference = await Rig.installed();
  const whole = new Power();
  await reference.restore({ power: whole }).outcome;
  const cuts = Array.from({ length: whole.changes }, (_, index) => index + 1).flatMap((at) => [
    { at, moment: "before" as const },
    { at, moment: "after" as const },
  ]);

  it.each(cuts)("cut $moment change $at: the same command ends in the same state, and nothing is lost", async ({ at, moment }) => {
    const rig = await Rig.installed();
    const first = rig.restore({ power: new Power(at, moment) });
    await first.outcome.catch(() => undefined);
    expect(rig.database.directories.get("17-first")?.rows).toBe(10);
    rig.kill(first.run);
    await rig.restore().outcome;
    expect(rig.database).toMatchObject({ rows: 7, inService: reference.database.inService, redis: "jobs of the moment" });
    expect(rig.database.directories.get("17-first")).toMatchObject({ rows: 10, redis: "jobs of now" });
    expect(rig.database.pods.size).toBe(0);
    expect((await rig.objects.readLease("shop", "migratectl")).lease).toBeUndefined();
    expect(rig.record().at(-1)).toMatchObject({ workflow: "restore", outcome: "succeeded" });
  });
});

describe("kill -9 at any change of an undo", async () => {
  const restored = async (): Promise<Rig> => {
    const rig = await Rig.installed();
    await rig.restore().outcome;
    return rig;
  };
  const reference = await restored();
  const whole = new Power();
  await reference.undo({ power: whole }).outcome;
  const cuts = Array.from({ length: whole.changes }, (_, index) => index + 1).flatMap((at) => [
    { at, moment: "before" as const },
    { at, moment: "after" as const },
  ]);

  it.each(cuts)("cut $moment change $at: the same command brings the old data back", async ({ at, moment }) => {
    const rig = await restored();
    const first = rig.undo({ power: new Power(at, moment) });
    await first.outcome.catch(() => undefined);
    rig.kill(first.run);
    // Cut off after its last change it has nothing left to do, and says so.
    await rig.undo().outcome.catch((error: unknown) => expect(error).toMatchObject({ code: "RESTORE_NOTHING_TO_UNDO" }));
    expect(rig.database).toMatchObject({ rows: 10, timeline: 1, inService: reference.database.inService, redis: "jobs of now" });
  });
});
