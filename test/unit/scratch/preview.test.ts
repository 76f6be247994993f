import { describe, expect, it } from "vitest";
import type { PersonsTerminal } from "../../../src/ports/pod-exec.ts";
import { readBeside } from "../../../src/workflow/scratch/beside.ts";
import { enterPreview, previewTarget, queryPreview, showPreview } from "../../../src/workflow/scratch/preview.ts";
import { failure } from "../../fakes/failure.ts";
import { Power } from "../../fakes/power.ts";
import { moment, Rig } from "./rig.ts";

const signal = AbortSignal.timeout(20_000);
const other = { ...moment, target: { ...moment.target, value: "2026-01-02 02:00:00.000000+00" } };
const portsOf = (rig: Rig) => ({ scratch: rig.world.databases, objects: rig.objects, clock: rig.clock });

const terminalThatShows = (shown: string[]): PersonsTerminal => ({
  keys: (async function* () {})(),
  show: async (bytes) => void shown.push(bytes.toString()),
  size: () => ({ columns: 80, rows: 24 }),
  onResize: () => () => {},
});

describe("a preview", () => {
  it("waits at the moment beside the database, and tells what its tables hold and until when it is there", async () => {
    const rig = await Rig.installed();
    const opened = await rig.preview({ keep: 7200 }).outcome;
    expect(opened).toMatchObject({
      kind: "waits",
      target: moment.target,
      at: moment.at,
      until: new Date("2026-01-02T05:04:05Z"),
      shown: { reached: { lsn: "0/5000100" }, tables: [{ name: "migration.assessment", rows: 7 }] },
    });
    expect(rig.world.started).toMatchObject([
      { purpose: "preview", args: ["restore", "preview", "20260101-000000F", "1", "time", "2026-01-02 03:00:00.000000+00"], seconds: 7200 },
    ]);
    expect(rig.record()).toEqual([]);
  });

  it("is judged as a restore to it would judge it, a table that cannot be read among what it tells", async () => {
    const rig = await Rig.installed();
    rig.world.found = {
      tables: [{ name: "migration.assessment", exact: false }],
      failures: [{ what: "tables", message: "migration.assessment: invalid page in block 3" }],
    };
    expect((await rig.preview().outcome).shown).toMatchObject({
      tables: [{ name: "migration.assessment", exact: false }],
      checks: [
        { id: "tables", verdict: "fail", seen: "migration.assessment: invalid page in block 3" },
        { id: "schema", verdict: "warn" },
        { id: "indexes", verdict: "pass" },
        { id: "vector-indexes", verdict: "pass" },
        { id: "sequences", verdict: "pass" },
        { id: "redis", verdict: "warn" },
      ],
    });
  });

  it("can be asked, shown and named again by who did not make it", async () => {
    const rig = await Rig.installed();
    await rig.preview().outcome;
    expect(await queryPreview(portsOf(rig), "select count(*) from migration.assessment", signal)).toBe("7");
    expect(await showPreview(portsOf(rig), "shop", signal)).toMatchObject({ kind: "waits", target: moment.target });
    const shown: string[] = [];
    await enterPreview(portsOf(rig), terminalThatShows(shown), signal);
    expect([shown, rig.world.entered]).toEqual([
      ["migration=# "],
      [expect.toSatisfy((within: number) => within > 0 && within <= 7_200_000)],
    ]);
    expect(await previewTarget(portsOf(rig), signal)).toEqual(moment.target);
    const read = await readBeside(
      { ...portsOf(rig), host: { drills: async () => [], redis: async () => undefined, primary: async () => undefined } },
      signal,
    );
    expect(read).toMatchObject({ kind: "known", value: { preview: { at: moment.at, runs: true } } });
  });

  it("is one: another moment is refused, the same one is the one that is there", async () => {
    const rig = await Rig.installed();
    await rig.preview().outcome;
    expect(await failure(rig.preview({ moment: other }).outcome)).toMatchObject({
      code: "SCRATCH_BUSY",
      fix: expect.stringContaining("preview drop"),
    });
    expect(await rig.preview().outcome).toMatchObject({ kind: "waits" });
    expect(await rig.preview({ moment: other, momentGiven: false }).outcome).toMatchObject({ target: moment.target });
    expect(rig.world.started).toHaveLength(1);
  });

  it("is dropped with all that is of it; where there is none that is said", async () => {
    const rig = await Rig.installed();
    await rig.preview().outcome;
    expect(await rig.drop({ dryRun: true })).toBe(true);
    expect(rig.world.jobs.size).toBe(1);
    expect(await rig.drop()).toBe(true);
    expect(rig.world.jobs.size).toBe(0);
    expect(await rig.drop()).toBe(false);
    for (const asked of [
      showPreview(portsOf(rig), "shop", signal),
      queryPreview(portsOf(rig), "select 1", signal),
      previewTarget(portsOf(rig), signal),
      enterPreview(portsOf(rig), terminalThatShows([]), signal),
    ])
      expect(await failure(asked)).toMatchObject({ code: "PREVIEW_MISSING" });
  });

  it("whose recovery fails is cleared away, and says why", async () => {
    const rig = await Rig.installed();
    rig.world.recoveryFailure = "recovery ended before configured recovery target was reached";
    expect(await failure(rig.preview().outcome)).toMatchObject({ code: "PREVIEW_FAILED", message: rig.world.recoveryFailure });
    expect(rig.world.jobs.size).toBe(0);
  });

  it("that has ended makes room for a new one", async () => {
    const rig = await Rig.installed();
    await rig.preview().outcome;
    rig.world.recoveryFailure = "Job was active longer than specified deadline";
    await rig.world.databases.find("preview", signal);
    rig.world.recoveryFailure = undefined;
    expect(await rig.preview({ moment: other }).outcome).toMatchObject({ target: other.target });
    expect(rig.world.started).toHaveLength(2);
  });

  it("under --dry-run tells the moment and touches nothing", async () => {
    const rig = await Rig.installed();
    expect(await rig.preview({ dryRun: true }).outcome).toMatchObject({ kind: "planned", shown: undefined });
    expect(rig.world.started).toEqual([]);
  });
});

describe("kill -9 at any change of a preview", () => {
  it.each(["before", "after"] as const)("cut %s it is started: the same command shows it", async (when) => {
    const rig = await Rig.installed();
    await rig.preview({ power: new Power("start", when) }).outcome.catch(() => undefined);
    expect(await rig.preview().outcome).toMatchObject({ kind: "waits", target: moment.target });
  });

  it.each(["before", "after"] as const)("cut %s it is removed: the same command drops it", async (when) => {
    const rig = await Rig.installed();
    await rig.preview().outcome;
    await rig.drop({ power: new Power("remove", when) }).catch(() => undefined);
    await rig.drop();
    expect(rig.world.jobs.size).toBe(0);
  });
});
