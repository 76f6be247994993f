import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ProgressEvent } from "../../../src/ports/progress.ts";
import { LiveProgress } from "../../../src/ui/live-progress.ts";
import { Screen } from "../../fakes/screen.ts";

const push = { id: "push", title: "Push images" };
const apply = { id: "apply", title: "Apply the chart" };
const rollout = { id: "rollout", title: "Wait for the rollout" };
const planned: ProgressEvent = { kind: "planned", actions: [push, apply, rollout] };

let screen: Screen;
let live: LiveProgress;
beforeEach(() => {
  screen = new Screen(80);
  live = new LiveProgress(screen as unknown as NodeJS.WriteStream);
});
afterEach(() => live.finish());

function tell(...events: readonly ProgressEvent[]): void {
  for (const event of events) live.tell(event);
}

/** The screen without the frame of the spinner that happens to turn. */
const shown = () => screen.text.replaceAll(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g, "*").split("\n");
const shows = (lines: readonly string[]) => vi.waitFor(() => expect(shown()).toEqual(lines), { timeout: 5000 });

describe("the live view on a terminal of 80 columns", () => {
  it("keeps what is done, shows how far the running action is, and what is still to come", async () => {
    tell({ kind: "started", id: "read", title: "Reading the cluster" }, { kind: "done", id: "read", note: "12 nodes" }, planned);
    tell(
      { kind: "started", ...push },
      { kind: "advanced", id: "push", advance: { done: 5e6, total: 1e8, unit: "bytes", note: "backend" } },
    );
    await shows([
      "✔ Reading the cluster  (12 nodes)",
      "* Push images",
      "  › 5.00 MB of 100 MB · 5 % · backend",
      "◼ Apply the chart",
      "◼ Wait for the rollout",
    ]);
    tell(
      { kind: "done", id: "push", note: "100 MB" },
      { kind: "skipped", ...apply, reason: "already so" },
      { kind: "started", ...rollout },
    );
    await shows([
      "✔ Reading the cluster  (12 nodes)",
      "✔ Push images  (100 MB)",
      "✔ Apply the chart  (already so)",
      "* Wait for the rollout",
    ]);
  });

  it("has a person asked below the list, and goes on afterwards", async () => {
    tell(planned, { kind: "started", ...push });
    await shows(["* Push images", "◼ Apply the chart", "◼ Wait for the rollout"]);
    const answer = live.ask(async (output) => {
      output.write("? Go on:");
      await shows(["* Push images", "◼ Apply the chart", "◼ Wait for the rollout", "", "? Go on:"]);
      return "yes";
    });
    expect(await answer).toBe("yes");
    tell({ kind: "done", id: "push" });
    await shows(["✔ Push images", "* Apply the chart", "◼ Wait for the rollout"]);
  });

  it("shows a table that is told in the very moment in which an action begins, folded and never wider than the terminal", async () => {
    const long = "backend   1/2  waits for postgres-0, whose volume data-postgres-0 no node can attach at the moment";
    tell(planned, { kind: "started", ...push }, { kind: "view", id: "push", lines: [long, "frontend  2/2  ready"] });
    await shows([
      "* Push images",
      "  › backend   1/2  waits for postgres-0, whose volume data-postgres-0 no node",
      "    can attach at the moment",
      "    frontend  2/2  ready",
      "◼ Apply the chart",
      "◼ Wait for the rollout",
    ]);
    for (const line of shown()) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("does not flicker: while an action runs, what is done before it is not written again", async () => {
    tell(planned, { kind: "started", ...push }, { kind: "done", id: "push" }, { kind: "started", ...apply });
    await shows(["✔ Push images", "* Apply the chart", "◼ Wait for the rollout"]);
    const [before, frames] = [[...screen.touched], screen.updates];
    await vi.waitFor(() => expect(screen.updates).toBeGreaterThan(frames + 5), { timeout: 5000 });
    expect(screen.touched[0]).toBe(before[0]);
    expect(screen.touched[1]).toBeGreaterThan(before[1] ?? 0);
    expect(screen.touched[2]).toBe(before[2]);
  });

  it("writes to its own stream alone, so that a result can be redirected while the view stays on the terminal", async () => {
    const stdout = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      tell(planned, { kind: "started", ...push });
      await shows(["* Push images", "◼ Apply the chart", "◼ Wait for the rollout"]);
      await live.finish();
      expect(stdout.mock.calls.filter(([text]) => /Push|Apply/.test(String(text)))).toEqual([]);
    } finally {
      stdout.mockRestore();
    }
  });
});

describe("the end of the live view", () => {
  it("marks the action that failed, leaves the rest as it was, tells the notes, and gives the cursor back", async () => {
    tell(planned, { kind: "started", ...push }, { kind: "done", id: "push" }, { kind: "started", ...apply });
    await shows(["✔ Push images", "* Apply the chart", "◼ Wait for the rollout"]);
    tell({ kind: "note", text: "kept: the journal" }, { kind: "failed", id: "apply", what: "helm said no" });
    await live.finish();
    expect(shown()).toEqual(["✔ Push images", "✖ Apply the chart", "◼ Wait for the rollout", "kept: the journal"]);
    expect(screen.cursorVisible).toBe(true);
  });

  it("is final: nothing is drawn after it", async () => {
    tell(planned, { kind: "started", ...push });
    await shows(["* Push images", "◼ Apply the chart", "◼ Wait for the rollout"]);
    await live.finish();
    const { updates } = screen;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(screen.updates).toBe(updates);
    expect(screen.cursorVisible).toBe(true);
  });

  it("comes in the middle of an action when the command is aborted: what ran is marked, what did not run still waits", async () => {
    tell(planned, { kind: "started", ...push }, { kind: "advanced", id: "push", advance: { done: 1, total: 7, unit: "items" } });
    await shows(["* Push images", "  › 1 of 7 · 14 %", "◼ Apply the chart", "◼ Wait for the rollout"]);
    await live.finish();
    expect(shown()).toEqual(["✖ Push images", "◼ Apply the chart", "◼ Wait for the rollout"]);
  });

  it("takes away a spinner that never came to its end", async () => {
    tell({ kind: "started", id: "read", title: "Reading the cluster" });
    await vi.waitFor(() => expect(shown()).toEqual(["* Reading the cluster"]));
    await live.finish();
    expect(screen.text).toBe("");
  });
});
