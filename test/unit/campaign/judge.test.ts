import { describe, expect, it } from "vitest";
import { type JournalEntry, newJournal } from "../../../src/domain/plan/journal.ts";
import { appendEntry, emptyRecord } from "../../../src/domain/plan/record.ts";
import { sha256 } from "../../../src/workflow/run/plan-of.ts";
import { leftBehind, lostBetween, wrongAtTheEnd } from "../../campaign/judge.ts";
import type { Sighting } from "../../campaign/sighting.ts";

const ids = ["identity", "namespace", "lease", "begin", "apply"];
const journal = (change: (entry: JournalEntry) => Partial<JournalEntry> = () => ({}), finished = true, planDigest = "p") => {
  const actions = ids.map((id) => ({ id, title: id, touches: [], bytes: 0, seconds: 1, undo: "" }));
  const release = { name: "shop", namespace: "shop", version: "1.0.0" };
  const subject = { apiVersion: "migratectl/v1", kind: "Plan", workflow: "install", release, clusterUid: "c", inputs: {} } as const;
  const fresh = newJournal({ run: "r", plan: { ...subject, actions }, planDigest }, "t0");
  return { ...fresh, finished, entries: fresh.entries.map((entry) => ({ ...entry, state: "done" as const, ...change(entry) })) };
};
const record = (...outcomes: readonly ("succeeded" | "failed")[]) =>
  outcomes.reduce(
    (so, outcome) =>
      appendEntry(
        so,
        {
          workflow: "install",
          run: "r",
          startedAt: "t0",
          finishedAt: "t1",
          by: { cluster: "admin", host: "h" },
          version: "1.0.0",
          planDigest: "p",
          outcome,
          skippedChecks: [],
        },
        sha256,
      ),
    emptyRecord("shop", "c"),
  );
const deployed = { revision: 1, status: "deployed" };
const good: Sighting = {
  namespace: "n1",
  objects: new Map([
    ["Deployment/backend", { uid: "u1", generation: 1, content: undefined }],
    ["Secret/app-secrets", { uid: "u2", generation: undefined, content: "aa" }],
  ]),
  revisions: [deployed],
  journal: journal(),
  record: record("succeeded"),
  lease: undefined,
};
const withObject = (name: string, change: object): Sighting => ({
  ...good,
  objects: new Map([...good.objects].map(([key, seen]) => [key, key === name ? { ...seen, ...change } : seen])),
});

describe("what was there before and is not any more", () => {
  it("is nothing when nothing was lost and more was added", () => {
    const more = {
      ...good,
      objects: new Map([...good.objects, ["Job/migrations", { uid: "u3", generation: 1, content: undefined }] as const]),
    };
    expect(lostBetween(good, more)).toEqual([]);
  });

  it.each([
    ["an object that was made anew", withObject("Deployment/backend", { uid: "other" }), /Deployment\/backend was made anew/],
    ["an object that was changed", withObject("Deployment/backend", { generation: 2 }), /generation 1 became 2/],
    ["a Secret with another value", withObject("Secret/app-secrets", { content: "bb" }), /Secret\/app-secrets has other values/],
    ["an object that is gone", { ...good, objects: new Map() }, /is gone/],
    ["another namespace of the name", { ...good, namespace: "n2" }, /the namespace was made anew/],
    [
      "an action that was done again",
      { ...good, journal: journal(({ id }) => (id === "begin" ? { at: "t9" } : {})) },
      /action begin, done at t0, is done at t9/,
    ],
    ["another plan", { ...good, journal: journal(undefined, true, "q") }, /another plan/],
    ["a journal that is gone", { ...good, journal: undefined }, /the journal is gone/],
  ])("is told: %s", (_, later, message) => {
    expect(lostBetween(good, later).join("; ")).toMatch(message);
  });

  it("does not count the actions that every run repeats", () => {
    expect(lostBetween(good, { ...good, journal: journal(({ id }) => (id === "lease" ? { at: "t9" } : {})) })).toEqual([]);
  });
});

describe("the end of an interrupted installation", () => {
  it("is right with one success, a whole chain, one deployed revision and no Lease", () => {
    expect(wrongAtTheEnd([], good, 0)).toEqual([]);
  });

  it("may have one more revision of Helm for each that was left locked or failed, and no more", () => {
    const locked = { ...good, revisions: [{ revision: 1, status: "pending-install" }] };
    const repaired = {
      ...good,
      revisions: [
        { revision: 1, status: "superseded" },
        { revision: 2, status: "deployed" },
      ],
    };
    expect(wrongAtTheEnd([locked], repaired, 0)).toEqual([]);
    expect(wrongAtTheEnd([good], repaired, 0)).toEqual([expect.stringContaining("2 revisions after 0 repairs")]);
  });

  it.each([
    ["a Lease that is still held", { ...good, lease: "anna" }, /held by anna/],
    ["a second success", { ...good, record: record("succeeded", "succeeded") }, /2 successes/],
    ["a failure that nobody had", { ...good, record: record("failed", "succeeded") }, /1 failures, and 0 runs failed/],
    ["a broken chain", { ...good, record: { ...record("succeeded"), head: "0".repeat(64) } }, /chain breaks at revision 1/],
    ["a journal that is not finished", { ...good, journal: journal(undefined, false) }, /not finished/],
    [
      "an action that is not done",
      { ...good, journal: journal(({ id }) => (id === "apply" ? { state: "running" as const } : {})) },
      /apply is running/,
    ],
    [
      "a newest revision that is pending",
      { ...good, revisions: [deployed, { revision: 2, status: "pending-upgrade" }] },
      /pending-upgrade/,
    ],
    ["no revision at all", { ...good, revisions: [] }, /missing/],
    ["two deployed revisions", { ...good, revisions: [deployed, { revision: 2, status: "deployed" }] }, /2 deployed revisions/],
  ])("is wrong with %s", (_, end, message) => {
    expect(wrongAtTheEnd([], end, 0).join("; ")).toMatch(message);
  });
});

describe("a namespace after an uninstall with --delete-data", () => {
  it("is told everything that is left in it", () => {
    expect(leftBehind(good)).toEqual([
      "Deployment/backend is left after the uninstall",
      "Secret/app-secrets is left after the uninstall",
      "Helm's record is left after the uninstall",
      "the journal is left after the uninstall",
      "the record is left after the uninstall",
    ]);
    expect(leftBehind({ ...good, objects: new Map(), revisions: [], journal: undefined, record: undefined })).toEqual([]);
  });
});
