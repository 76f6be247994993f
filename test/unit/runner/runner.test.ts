import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { planDigest } from "../../../src/workflow/run/plan-of.ts";
import type { Ending, RunOptions } from "../../../src/workflow/run/runner.ts";
import { FakeOperator } from "../../fakes/fake-operator.ts";
import { Power } from "../../fakes/power.ts";
import { Rig } from "./rig.ts";

const parts = ["base", "walls", "roof"];

describe("a run without trouble", () => {
  it("does the actions in the order of the plan and journals each as done", async () => {
    const rig = new Rig();
    const { outcome, plan, progress } = rig.process();
    await outcome();
    expect(rig.workshop.built).toEqual(parts);
    expect(plan.actions.map(({ id }) => id)).toEqual(["namespace", "lease", ...parts]);
    expect(rig.journal().entries.map(({ state }) => state)).toEqual(["done", "done", "done", "done", "done"]);
    expect(rig.journal().finished).toBe(true);
    expect(progress.ids("done")).toEqual(["namespace", "lease", ...parts]);
  });

  it("writes the plan into the run directory before anything and mirrors the journal there", async () => {
    const rig = new Rig();
    const { outcome, run, plan } = rig.process();
    await outcome();
    expect(JSON.parse(run.files.get("plan.json") ?? "")).toEqual(plan);
    expect(JSON.parse(run.files.get("journal.json") ?? "")).toEqual(rig.journal());
  });

  it("hands each action what the ones before it gave", async () => {
    const rig = new Rig();
    await rig.process().outcome();
    expect(rig.journal().entries.find(({ id }) => id === "roof")?.output).toEqual({ roof: "roof-on-walls-on-made-base" });
  });

  it("gives the Lease back", async () => {
    const rig = new Rig();
    await rig.process().outcome();
    expect((await rig.objects.readLease("shop", "migratectl")).lease).toBeUndefined();
  });
});

describe("kill -9 at any change a run makes to the world", async () => {
  const reference = new Rig();
  const whole = new Power();
  await reference.process(whole).outcome();
  const cuts = Array.from({ length: whole.changes }, (_, index) => index + 1).flatMap((at) => [
    { at, moment: "before" as const },
    { at, moment: "after" as const },
  ]);

  it("is tried at every one of them", () => {
    expect(whole.changes).toBeGreaterThanOrEqual(12);
  });

  it.each(cuts)("the rerun after a cut $moment change $at ends as an undisturbed run, with nothing done twice", async ({ at, moment }) => {
    const rig = new Rig();
    const power = new Power(at, moment);
    const first = rig.process(power);
    await first.outcome().catch(() => undefined);
    expect(power.isCut).toBe(true);
    rig.operator.dead.add(first.run.id);
    await rig.process().outcome();
    expect(rig.workshop.built).toEqual(parts);
    const states = ({ entries, finished }: ReturnType<Rig["journal"]>) => ({
      finished,
      entries: entries.map(({ id, state, output }) => ({ id, state, output })),
    });
    expect(states(rig.journal())).toEqual(states(reference.journal()));
  });

  it.each(cuts)("two cuts in a row, the first $moment change $at, are survived too", async ({ at, moment }) => {
    const rig = new Rig();
    for (const power of [new Power(at, moment), new Power(3, "after")]) {
      const run = rig.process(power);
      await run.outcome().catch(() => undefined);
      rig.operator.dead.add(run.run.id);
    }
    await rig.process().outcome();
    expect(rig.workshop.built).toEqual(parts);
  });
});

describe("resuming", () => {
  it("skips what an earlier run of the same plan has done and uses what it journalled", async () => {
    const rig = new Rig();
    rig.workshop.failAt = "roof";
    await expect(rig.process().outcome()).rejects.toThrow();
    rig.workshop.failAt = undefined;
    const second = rig.process();
    const { resumed } = await second.outcome();
    expect(resumed).toBe(2);
    expect(rig.workshop.built).toEqual(parts);
    expect(second.progress.ids("skipped")).toEqual(["base", "walls"]);
  });

  it("does again what the journal calls done and the world shows to be gone", async () => {
    const rig = new Rig();
    rig.workshop.failAt = "roof";
    await expect(rig.process().outcome()).rejects.toThrow();
    rig.workshop.failAt = undefined;
    await rig.workshop.remove("walls");
    const second = rig.process();
    await second.outcome();
    expect(rig.workshop.built).toEqual(["base", "walls", "roof"]);
    expect(second.progress.ids("skipped")).toEqual(["base"]);
  });

  it("starts a new journal for another plan", async () => {
    const rig = new Rig();
    rig.workshop.failAt = "roof";
    await expect(rig.process().outcome()).rejects.toThrow();
    rig.workshop.failAt = undefined;
    const { resumed } = await rig.process(new Power(), { inputs: "v2" }).outcome();
    expect(resumed).toBe(0);
    expect(rig.workshop.built).toEqual(parts);
  });

  it("knows a plan by what is to be done from which inputs, not by its words and estimates or what the user may see of the cluster", () => {
    const { plan } = new Rig().process();
    const told = plan.actions.map((action) => ({ ...action, title: "said otherwise", touches: [], bytes: 7, seconds: 7 }));
    expect(planDigest({ ...plan, actions: told, clusterUid: "ca:of-the-namespace" })).toBe(planDigest(plan));
    expect(planDigest({ ...plan, inputs: { values: "other" } })).not.toBe(planDigest(plan));
    expect(planDigest({ ...plan, actions: plan.actions.slice(1) })).not.toBe(planDigest(plan));
  });

  const journalOf = async (text: string) => {
    const rig = new Rig();
    await rig.objects.createNamespace("shop", {});
    await rig.objects.writeDocument("shop", "migratectl-journal", { "journal.json": text }, {}, undefined);
    return rig;
  };
  const newer = { apiVersion: "migratectl/v9", run: "restore-7", plan: { workflow: "restore" }, directories: ["old"] };

  it.each([
    ["of a newer version", JSON.stringify({ ...newer, finished: false })],
    ["that is damaged", "{"],
  ])("refuses to begin over an unfinished journal %s, which is left as it is", async (_, text) => {
    const rig = await journalOf(text);
    await expect(rig.process().outcome()).rejects.toMatchObject({ code: "JOURNAL_STRANGE" });
    expect(rig.objects.document("shop", "migratectl-journal")).toEqual({ "journal.json": text });
    expect(rig.workshop.built).toEqual([]);
  });

  it("begins anew over a finished journal of a newer version", async () => {
    const rig = await journalOf(JSON.stringify({ ...newer, finished: true }));
    await rig.process().outcome();
    expect(rig.journal().finished).toBe(true);
  });

  it("keeps in the cluster what was decided, so that a run from any machine can go on with it", async () => {
    const rig = new Rig();
    rig.workshop.failAt = "roof";
    const { plan, outcome } = rig.process();
    await expect(outcome()).rejects.toThrow();
    expect(rig.journal()).toMatchObject({ plan: JSON.parse(JSON.stringify(plan)), direction: "forward" });
  });
});

describe("a failing action", () => {
  it("is journalled with its code, and the error says what exists and how to go on", async () => {
    const rig = new Rig();
    rig.workshop.failAt = "walls";
    rig.workshop.failure = new Problem("CLUSTER_REFUSED", { what: "quota exceeded" });
    const { outcome, run } = rig.process();
    const problem = await outcome().catch((error: unknown) => error);
    expect(problem).toMatchObject({
      code: "CLUSTER_REFUSED",
      exit: "attention",
      message: "Build the walls: quota exceeded",
      why: expect.stringContaining("What is there now: Namespace/shop, Part/base."),
      fix: expect.stringContaining(`it goes on from "walls". Log: ${run.path}`),
      data: { run: { failed: "walls", done: ["namespace", "lease", "base"] } },
    });
    expect(rig.journal().entries.find(({ id }) => id === "walls")).toMatchObject({
      state: "failed",
      error: { code: "CLUSTER_REFUSED", what: "quota exceeded" },
    });
    expect(rig.journal().finished).toBe(false);
  });

  it("does not end with an exit status that promises that nothing was touched", async () => {
    const rig = new Rig();
    rig.workshop.failAt = "walls";
    rig.workshop.failure = new Problem("FILE_UNREADABLE", { what: "tls.key is gone" });
    await expect(rig.process().outcome()).rejects.toMatchObject({ code: "RUN_INCOMPLETE", exit: "attention" });
  });

  it("takes back what was done, the last first, when the workflow asks for it", async () => {
    const rig = new Rig();
    rig.workshop.failAt = "roof";
    rig.workshop.failure = new Problem("CLUSTER_REFUSED", { what: "no" });
    await expect(rig.process(new Power(), { onFailure: () => "undo" }).outcome()).rejects.toMatchObject({
      code: "RUN_UNDONE",
      exit: "rolledBack",
    });
    expect(rig.workshop.built).toEqual([]);
    expect(rig.journal().entries.map(({ state }) => state)).toEqual(["done", "done", "undone", "undone", "undone"]);
  });

  it("tells how it ended while the Lease is still held", async () => {
    const rig = new Rig();
    rig.workshop.failAt = "roof";
    const seen: unknown[] = [];
    const ended = async (ending: Ending) => void seen.push([ending, (await rig.objects.readLease("shop", "migratectl")).lease?.holder.run]);
    await expect(rig.process(new Power(), { ended }).outcome()).rejects.toThrow("the tool broke");
    expect(seen).toEqual([[expect.objectContaining({ outcome: "failed", failure: { action: "roof", code: "BUG" } }), "run-1"]]);
  });

  it("leaves what was there before the run when it takes back what it did", async () => {
    const rig = new Rig();
    rig.workshop.built.push("base");
    rig.workshop.failAt = "roof";
    await expect(rig.process(new Power(), { onFailure: () => "undo" }).outcome()).rejects.toThrow();
    expect(rig.workshop.built).toEqual(["base"]);
  });

  it("writes down ahead how things were, and hands that to the undo and to the run that goes on", async () => {
    const rig = new Rig();
    rig.workshop.replicas = 5;
    const cut = new Power("scale", "after");
    const first = rig.process(cut, { quiesce: true });
    await expect(first.outcome()).rejects.toThrow();
    expect(rig.workshop.replicas).toBe(0);
    rig.operator.dead.add(first.run.id);
    rig.workshop.failAt = "base";
    await expect(rig.process(new Power(), { quiesce: true, onFailure: () => "undo" }).outcome()).rejects.toThrow();
    expect(rig.workshop.replicas).toBe(5);
  });
});

describe("cancelling", () => {
  it("leaves the action running in the journal, ends with 130 and gives the Lease back", async () => {
    const rig = new Rig();
    const controller = new AbortController();
    const { outcome } = rig.process(new Power(), { signal: controller.signal });
    rig.workshop.build = async (part) => {
      if (part === "walls") controller.abort(new Problem("CANCELLED", { what: "stopped by Ctrl-C" }));
      controller.signal.throwIfAborted();
      rig.workshop.built.push(part);
    };
    await expect(outcome()).rejects.toMatchObject({
      code: "CANCELLED",
      message: "Build the walls: stopped by Ctrl-C",
      exit: "cancelled",
      fix: expect.stringContaining('goes on from "walls"'),
    });
    expect(rig.journal().entries.map(({ state }) => state)).toEqual(["done", "done", "done", "running", "pending"]);
    expect((await rig.objects.readLease("shop", "migratectl")).lease).toBeUndefined();
    expect(rig.endings).toEqual([expect.objectContaining({ outcome: "cancelled", failure: { action: "walls", code: "CANCELLED" } })]);
  });

  it("when the time is over tells what the action had to say, too", async () => {
    const rig = new Rig();
    const controller = new AbortController();
    rig.workshop.build = async () => {
      controller.abort(new Problem("DEADLINE", { what: "--timeout of 9 s has passed" }));
      throw new Problem("ROLLOUT_FAILED", { what: "backend: image cannot be pulled", fix: "Correct the tag." });
    };
    await expect(rig.process(new Power(), { signal: controller.signal }).outcome()).rejects.toMatchObject({
      code: "DEADLINE",
      message: "Build the base: --timeout of 9 s has passed; backend: image cannot be pulled",
      fix: expect.stringContaining("Correct the tag."),
    });
  });
});

describe("a run that is cut off while it takes its work back", async () => {
  const undo: Partial<RunOptions> = { onFailure: () => "undo" };
  const failing = () => {
    const rig = new Rig();
    rig.workshop.failAt = "roof";
    rig.workshop.failure = new Problem("CLUSTER_REFUSED", { what: "no" });
    return rig;
  };
  const whole = new Power();
  await failing()
    .process(whole, undo)
    .outcome()
    .catch(() => undefined);
  const cuts = Array.from({ length: whole.changes }, (_, index) => index + 1).flatMap((at) => [
    { at, moment: "before" as const },
    { at, moment: "after" as const },
  ]);

  it.each(cuts)(
    "$moment change $at: the next run ends with everything as before or everything done, never in between",
    async ({ at, moment }) => {
      const rig = failing();
      const first = rig.process(new Power(at, moment), undo);
      await first.outcome().catch(() => undefined);
      rig.operator.dead.add(first.run.id);
      const wentBack = rig.journalIfAny()?.direction === "back";
      rig.workshop.failAt = undefined;
      const second = await rig
        .process(new Power(), undo)
        .outcome()
        .catch((error: unknown) => error);
      const finishedBack = wentBack && second instanceof Problem;
      if (finishedBack)
        expect(second).toMatchObject({ code: "RUN_UNDONE", exit: "rolledBack", message: expect.stringContaining("CLUSTER_REFUSED") });
      expect(rig.workshop.built).toEqual(finishedBack ? [] : parts);
      expect(rig.journal().finished).toBe(true);
    },
  );
});

describe("a run directory on a full disk", () => {
  it("stops the run before anything is touched", async () => {
    const rig = new Rig();
    const { outcome, run } = rig.process();
    run.full = new Problem("DISK_FULL", { what: "no space left on device" });
    await expect(outcome()).rejects.toMatchObject({ code: "DISK_FULL" });
    expect(rig.objects.snapshot()).toEqual({});
  });

  it("is told once when it fills up on the way, and the journal in the cluster stays right", async () => {
    const rig = new Rig();
    const { outcome, run, progress } = rig.process();
    const build = rig.workshop.build.bind(rig.workshop);
    rig.workshop.build = async (part) => {
      run.full = new Problem("DISK_FULL", { what: "no space left on device" });
      await build(part);
    };
    await outcome();
    expect(progress.notes).toEqual([expect.stringContaining("no space left on device")]);
    expect(rig.journal().entries.every(({ state }) => state === "done")).toBe(true);
  });
});

describe("an API server that goes away between two actions", () => {
  it.each([
    [1, "base", "Open the journal"],
    [8, "roof", "Close the journal"],
  ])("is told with how to go on: write %i of the journal, %s", async (nth, action, doing) => {
    const rig = new Rig();
    const write = rig.objects.writeDocument.bind(rig.objects);
    let writes = 0;
    rig.objects.writeDocument = async (...args) => {
      writes += 1;
      if (writes === nth) throw new Problem("CLUSTER_UNREACHABLE", { what: "connection refused" });
      return await write(...args);
    };
    await expect(rig.process().outcome()).rejects.toMatchObject({
      code: "CLUSTER_UNREACHABLE",
      message: `${doing}: connection refused`,
      fix: expect.stringContaining(`run the same command again: it goes on from "${action}"`),
    });
    await rig.process().outcome();
    expect(rig.workshop.built).toEqual(parts);
    expect(rig.journal().finished).toBe(true);
  });
});

describe("two operators at once", () => {
  it("lets the first one work and tells the second who holds the Lease and since when, without touching the journal", async () => {
    const rig = new Rig();
    const other = new FakeOperator("bert", "jump-2");
    let second: unknown;
    const build = rig.workshop.build.bind(rig.workshop);
    rig.workshop.build = async (part) => {
      if (part === "walls")
        second = await rig
          .process(new Power(), { operator: other })
          .outcome()
          .catch((error: unknown) => error);
      await build(part);
    };
    await rig.clock.during(rig.process().outcome());
    expect(second).toMatchObject({ code: "INSTALL_LOCKED", message: expect.stringMatching(/anna@jump-1 .*since 2026-01-02T03:04:05/) });
    expect(rig.workshop.built).toEqual(parts);
    expect(rig.journal().finished).toBe(true);
  });

  it("stops with JOURNAL_CONFLICT when somebody writes the journal under a running run", async () => {
    const rig = new Rig();
    const build = rig.workshop.build.bind(rig.workshop);
    rig.workshop.build = async (part) => {
      const now = await rig.objects.readDocument("shop", "migratectl-journal");
      await rig.objects.writeDocument("shop", "migratectl-journal", { "journal.json": "{}" }, {}, now?.version);
      await build(part);
    };
    await expect(rig.process().outcome()).rejects.toMatchObject({ code: "JOURNAL_CONFLICT" });
    expect(rig.objects.document("shop", "migratectl-journal")).toEqual({ "journal.json": "{}" });
  });
});
