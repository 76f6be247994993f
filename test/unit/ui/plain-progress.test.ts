import { describe, expect, it } from "vitest";
import type { ProgressEvent } from "../../../src/ports/progress.ts";
import { advanceText } from "../../../src/ui/advance-text.ts";
import { createPlainProgress } from "../../../src/ui/plain-progress.ts";

/** Lines that the events write; `at` is the clock in milliseconds when each event comes. */
function lines(events: readonly (readonly [at: number, event: ProgressEvent])[], reasons = false): readonly string[] {
  const written: string[] = [];
  let clock = 0;
  const progress = createPlainProgress((line) => written.push(line), { now: () => clock, reasons });
  for (const [at, event] of events) {
    clock = at;
    progress.tell(event);
  }
  return written;
}

describe("progress in plain lines", () => {
  it("tells when an action starts and how it ended", () => {
    expect(
      lines([
        [0, { kind: "planned", actions: [{ id: "push", title: "Push" }] }],
        [0, { kind: "started", id: "push", title: "Push" }],
        [9, { kind: "done", id: "push", note: "88 MB" }],
        [9, { kind: "skipped", id: "secrets", title: "Secrets", reason: "done before" }],
        [9, { kind: "started", id: "apply", title: "Apply" }],
        [9, { kind: "failed", id: "apply", what: "helm said no" }],
        [9, { kind: "note", text: "kept: the journal" }],
      ]),
    ).toEqual(["... Push", "ok  Push (88 MB)", "--  Secrets (done before)", "... Apply", "!!  Apply", "kept: the journal"]);
  });

  it("says why an action failed only where no error follows: in a log", () => {
    const failing: readonly (readonly [number, ProgressEvent])[] = [
      [0, { kind: "started", id: "apply", title: "Apply" }],
      [9, { kind: "failed", id: "apply", what: "helm said no" }],
    ];
    expect(lines(failing)).toEqual(["... Apply", "!!  Apply"]);
    expect(lines(failing, true)).toEqual(["... Apply", "!!  Apply: helm said no"]);
  });

  it("repeats how far an action is at most every five seconds, and a view only when it changed", () => {
    const advanced = (done: number): ProgressEvent => ({ kind: "advanced", id: "a", advance: { done, total: 10, unit: "items" } });
    const view = (text: string): ProgressEvent => ({ kind: "view", id: "a", lines: [text] });
    expect(
      lines([
        [0, { kind: "started", id: "a", title: "A" }],
        [4000, advanced(1)],
        [6000, advanced(2)],
        [7000, advanced(3)],
        [12_000, view("one")],
        [18_000, view("one")],
        [18_000, view("two")],
      ]),
    ).toEqual(["... A", "    A: 2 of 10 · 20 %", "    one", "    two"]);
  });
});

describe("how far bytes are", () => {
  it("tells amount, share, rate and time left", () => {
    const advance = { done: 50_000_000, total: 200_000_000, unit: "bytes", note: "backend" } as const;
    expect(advanceText(advance, 0, 5000)).toBe("50.0 MB of 200 MB · 25 % · 10.0 MB/s · 15 s left · backend");
  });

  it("tells no rate before a second has passed, and no share without a total", () => {
    expect(advanceText({ done: 512, unit: "bytes" }, 0, 900)).toBe("512 B");
  });
});
