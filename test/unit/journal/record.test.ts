import { describe, expect, it } from "vitest";
import { appendEntry, emptyRecord, type RecordEntry, type ReleaseRecord, verifyChain } from "../../../src/domain/plan/record.ts";
import { history } from "../../../src/workflow/history.ts";
import { sha256 } from "../../../src/workflow/plan-of.ts";
import { readRecord, recordName, writeRecord } from "../../../src/workflow/record-book.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { HeldClock } from "../../fakes/held-clock.ts";

const signal = new AbortController().signal;
const entry = (version: string): Omit<RecordEntry, "revision" | "previous"> => ({
  workflow: "install",
  startedAt: "2026-01-02T03:04:05.000Z",
  finishedAt: "2026-01-02T03:14:05.000Z",
  by: { cluster: "admin", host: "anna@jump-1" },
  version,
  planDigest: "p",
  outcome: "succeeded",
  skippedChecks: [],
});
const chain = (...versions: readonly string[]): ReleaseRecord =>
  versions.reduce((record, version) => appendEntry(record, entry(version), sha256), emptyRecord("uid"));
const changed = (record: ReleaseRecord, index: number, change: Partial<RecordEntry>): ReleaseRecord => ({
  ...record,
  entries: record.entries.map((old, at) => (at === index ? { ...old, ...change } : old)),
});

describe("the chain of the record", () => {
  it("holds while entries are only appended", () => {
    expect(verifyChain(emptyRecord("uid"), sha256)).toEqual({ kind: "intact" });
    expect(verifyChain(chain("1.0.0", "1.1.0", "2.0.0"), sha256)).toEqual({ kind: "intact" });
  });

  it("breaks where an entry was changed, whichever it is", () => {
    const record = chain("1.0.0", "1.1.0", "2.0.0");
    expect(verifyChain(changed(record, 0, { outcome: "failed" }), sha256)).toMatchObject({ kind: "broken", revision: 2 });
    expect(verifyChain(changed(record, 2, { version: "9.9.9" }), sha256)).toMatchObject({ kind: "broken", revision: 3 });
  });

  it("breaks where entries were removed, also the last ones", () => {
    const record = chain("1.0.0", "1.1.0", "2.0.0");
    expect(verifyChain({ ...record, entries: record.entries.slice(1) }, sha256)).toMatchObject({ kind: "broken", revision: 1 });
    expect(verifyChain({ ...record, entries: record.entries.slice(0, 2) }, sha256)).toMatchObject({ kind: "broken", revision: 2 });
  });
});

describe("the record in the cluster", () => {
  const make = async () => {
    const objects = new FakeClusterObjects(new HeldClock());
    await objects.createNamespace("shop", {});
    return objects;
  };

  it("loses no entry when several are appended at once", async () => {
    const objects = await make();
    await Promise.all(["1", "2", "3"].map((version) => writeRecord(objects, "shop", { clusterUid: "uid", entry: entry(version) }, signal)));
    const { entries, verified } = await history(objects, "shop", true, signal);
    expect(entries.map(({ version }) => version).sort()).toEqual(["1", "2", "3"]);
    expect(verified).toBe(true);
  });

  it("that was edited by hand fails history --verify, and is still shown without", async () => {
    const objects = await make();
    await writeRecord(objects, "shop", { clusterUid: "uid", entry: entry("1.0.0") }, signal);
    const book = await readRecord(objects, "shop", signal);
    const forged = changed(book?.record ?? emptyRecord(""), 0, { by: { cluster: "nobody", host: "nobody" } });
    await objects.writeDocument("shop", recordName, { "record.json": JSON.stringify(forged) }, {}, book?.version);
    await expect(history(objects, "shop", true, signal)).rejects.toMatchObject({
      code: "RECORD_BROKEN",
      message: expect.stringContaining("revision 1"),
    });
    expect((await history(objects, "shop", false, signal)).entries).toHaveLength(1);
  });

  it("that cannot be read at all is an error and is never written over", async () => {
    const objects = await make();
    await objects.writeDocument("shop", recordName, { "record.json": "{" }, {}, undefined);
    await expect(writeRecord(objects, "shop", { clusterUid: "uid", entry: entry("1.0.0") }, signal)).rejects.toMatchObject({
      code: "RECORD_BROKEN",
    });
    expect(objects.document("shop", recordName)).toEqual({ "record.json": "{" });
  });
});
