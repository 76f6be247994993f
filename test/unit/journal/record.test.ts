import { describe, expect, it } from "vitest";
import {
  appendEntry,
  emptyRecord,
  type NewRecordEntry,
  type RecordEntry,
  type ReleaseRecord,
  verifyChain,
} from "../../../src/domain/plan/record.ts";
import { sha256 } from "../../../src/workflow/run/plan-of.ts";
import { readRecord, recordName, stoppedAt, writeRecord } from "../../../src/workflow/run/record-book.ts";
import { history } from "../../../src/workflow/status/history.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { HeldClock } from "../../fakes/held-clock.ts";

const signal = new AbortController().signal;
const entry = (version: string): NewRecordEntry => ({
  workflow: "install",
  run: `install-${version}`,
  startedAt: "2026-01-02T03:04:05.000Z",
  finishedAt: "2026-01-02T03:14:05.000Z",
  by: { cluster: "admin", host: "anna@jump-1" },
  version,
  planDigest: `plan of ${version}`,
  outcome: "succeeded",
  skippedChecks: [],
});
const chain = (...versions: readonly string[]): ReleaseRecord =>
  versions.reduce((record, version) => appendEntry(record, entry(version), sha256), emptyRecord("shop", "uid"));
const changed = (record: ReleaseRecord, index: number, change: Partial<RecordEntry>): ReleaseRecord => ({
  ...record,
  entries: record.entries.map((old, at) => (at === index ? { ...old, ...change } : old)),
});

describe("the chain of the record", () => {
  it("holds while entries are only appended", () => {
    expect(verifyChain(emptyRecord("shop", "uid"), sha256)).toEqual({ kind: "intact" });
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
    await Promise.all(
      ["1", "2", "3"].map((version) => writeRecord(objects, "shop", { release: "shop", clusterUid: "uid", entry: entry(version) }, signal)),
    );
    const { entries, verified } = await history(objects, "shop", true, signal);
    expect(entries.map(({ version }) => version).sort()).toEqual(["1", "2", "3"]);
    expect(verified).toBe(true);
  });

  it("tells of the end of a run once, though the run was cut off after writing it", async () => {
    const objects = await make();
    const note = { release: "shop", clusterUid: "uid", entry: entry("1.0.0") };
    expect(await writeRecord(objects, "shop", note, signal)).toBe(1);
    expect(await writeRecord(objects, "shop", { ...note, entry: { ...note.entry, run: "the-next-run" } }, signal)).toBe(1);
    expect((await history(objects, "shop", true, signal)).entries).toHaveLength(1);
  });

  it("tells at which revision the migrations of a release were stopped, until they have run to their end", async () => {
    const objects = await make();
    const release = { version: "2.0.0", schema: { from: "0003", to: "0004" } };
    const write = async (version: string, schemaRevision: string, outcome: "succeeded" | "failed" = "succeeded") => {
      const end = { ...entry(version), schemaRevision, outcome, planDigest: `${version} ${schemaRevision} ${outcome}` };
      await writeRecord(objects, "shop", { release: "shop", clusterUid: "uid", entry: end }, signal);
      return stoppedAt(await readRecord(objects, "shop", signal), release);
    };
    expect(stoppedAt(undefined, release)).toBeUndefined();
    expect(await write("1.1.0", "0003")).toBeUndefined();
    expect(await write("2.0.0", "0003")).toBe("0003");
    expect(await write("2.0.0", "0004", "failed")).toBe("0003");
    expect(await write("2.0.0", "0004")).toBeUndefined();
  });

  it("carries on what a newer version wrote, and its chain holds", async () => {
    const objects = await make();
    const newer = { ...entry("9.0.0"), approval: { by: "board" }, by: { ...entry("9.0.0").by, ticket: "OPS-1" } };
    const record = { ...appendEntry(emptyRecord("shop", "uid"), newer, sha256), retention: "1y" };
    const answers = '{"version":"migratectl/v9","new":true}\n';
    await objects.writeDocument("shop", recordName, { "record.json": JSON.stringify(record), "answers.json": answers }, {}, undefined);
    await writeRecord(objects, "shop", { release: "shop", clusterUid: "uid", entry: entry("1.0.0") }, signal);
    const { entries } = await history(objects, "shop", true, signal);
    expect(entries[0]).toMatchObject({ approval: { by: "board" }, by: { ticket: "OPS-1" } });
    const document = objects.document("shop", recordName);
    expect(JSON.parse(document["record.json"] ?? "")).toMatchObject({ retention: "1y" });
    expect(document["answers.json"]).toBe(answers);
  });

  it("that was edited by hand fails history --verify, and is still shown without", async () => {
    const objects = await make();
    await writeRecord(objects, "shop", { release: "shop", clusterUid: "uid", entry: entry("1.0.0") }, signal);
    const book = await readRecord(objects, "shop", signal);
    const forged = changed(book?.record ?? emptyRecord("", ""), 0, { by: { cluster: "nobody", host: "nobody" } });
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
    await expect(writeRecord(objects, "shop", { release: "shop", clusterUid: "uid", entry: entry("1.0.0") }, signal)).rejects.toMatchObject(
      {
        code: "RECORD_BROKEN",
      },
    );
    expect(objects.document("shop", recordName)).toEqual({ "record.json": "{" });
  });
});
