import { describe, expect, it } from "vitest";
import type { Examination } from "../../../src/domain/recovery/examination.ts";
import { type Expected, judgeRecovered } from "../../../src/domain/recovery/judge-recovered.ts";
import { soundExamination } from "../../fakes/sound-examination.ts";

const table = (name: string, rows: number, exact = true) => ({ name, rows, exact });
const sound: Examination = {
  ...soundExamination,
  tables: [table("migration.assessment", 118), table("migration.client_account", 3)],
  redis: { asOf: "2026-11-23T14:00:03Z", version: "7.0.15", keys: 40, bytes: 2048, sha256: "0".repeat(64) },
  redisParts: { bytes: 2048, altered: 0 },
};
const before = { tables: [table("migration.assessment", 120), table("migration.client_account", 3)], schemaRevision: "0002" };
const usual: Expected = {
  before,
  releases: [{ version: "1.0.0", revision: "0002" }],
  depth: "quick",
  redis: "snapshot",
  lastCommit: "2026-11-23T14:12:03.25Z",
};

const judged = (id: string, found: Partial<Examination> = {}, expected: Partial<Expected> = {}) => {
  const check = judgeRecovered({ ...sound, ...found }, { ...usual, ...expected }).find((one) => one.id === id);
  return check && [check.verdict, check.seen];
};

describe("a recovered database", () => {
  it("that is sound passes every check", () => {
    expect(judgeRecovered(sound, usual).map(({ id, verdict }) => [id, verdict])).toEqual([
      ["tables", "pass"],
      ["schema", "pass"],
      ["indexes", "pass"],
      ["vector-indexes", "pass"],
      ["sequences", "pass"],
      ["redis", "pass"],
    ]);
  });

  it("tells of which moment Redis will be, and what becomes of it otherwise", () => {
    const honest = "jobs queued since are gone, jobs done since may be done again";
    expect(judged("redis")).toEqual(["pass", `as of 2026-11-23T14:00:03Z, 12 min 00 s before the moment, 40 keys; ${honest}`]);
    expect(judged("redis", {}, { lastCommit: undefined })).toEqual(["pass", `as of 2026-11-23T14:00:03Z, 40 keys; ${honest}`]);
    expect(judged("redis", { redis: undefined })).toEqual(["warn", expect.stringContaining("held no snapshot of it")]);
    expect(judged("redis", { redis: undefined }, { redis: "empty" })).toEqual(["pass", "empty, as asked for"]);
    expect(judged("redis", {}, { redis: "keep" })).toEqual(["pass", expect.stringContaining("left as it was")]);
  });

  it("warns of a snapshot of Redis that is not there whole", () => {
    expect(judged("redis", { redisParts: { bytes: 1024, altered: 0 } })).toEqual([
      "warn",
      "the snapshot is not whole: 1024 of 2048 bytes are there, 0 parts of it are not as written",
    ]);
    expect(judged("redis", { redisParts: { bytes: 2048, altered: 1 } })).toEqual([
      "warn",
      expect.stringContaining("1 part of it is not as written"),
    ]);
    expect(judged("redis", { redisParts: undefined })).toEqual(["pass", expect.any(String)]);
  });

  it("of which something cannot be read fails there, and there alone", () => {
    const failures = [
      { what: "tables", message: "migration.assessment: invalid page in block 3" },
      { what: "tables", message: "migration.audit: invalid page in block 0" },
      { what: "heartbeat", message: "invalid page in block 1" },
    ] as const;
    expect(
      judgeRecovered({ ...sound, failures }, usual)
        .filter(({ verdict }) => verdict === "fail")
        .map(({ id, seen }) => [id, seen]),
    ).toEqual([["tables", "migration.assessment: invalid page in block 3; migration.audit: invalid page in block 0"]]);
  });

  it("tells what is lost beside what was there", () => {
    expect(judged("tables")).toEqual(["pass", "2 tables, 121 rows; before -> now: migration.assessment 120 -> 118"]);
    expect(judged("tables", { tables: before.tables })).toEqual(["pass", "2 tables, 123 rows; as many as before"]);
    expect(judged("tables", {}, { before: undefined })).toEqual(["pass", "2 tables, 121 rows"]);
    expect(judged("tables", { tables: [table("migration.client_account", 3), table("migration.big", 2e6, false)] })).toEqual([
      "warn",
      "2 tables, about 2000003 rows; before -> now: migration.big not there -> ~2000000, migration.assessment 120 -> not there",
    ]);
    expect(judged("tables", { tables: [{ name: "a", exact: false }] }, { before: { tables: [table("a", 1)] } })).toEqual([
      "pass",
      "1 table, about 0 rows; before -> now: a 1 -> ?",
    ]);
  });

  it("has the schema that the running release needs, or has worked on; else the release that fits is named", () => {
    const releases = [...usual.releases, { version: "1.1.0", revision: "0003" }];
    expect(judged("schema")).toEqual(["pass", "revision 0002, as release 1.0.0 needs it"]);
    expect(judged("schema", {}, { releases: [] })).toEqual(["pass", "revision 0002, as before"]);
    // A release that was rolled back works on the newer schema that its successor has left.
    expect(judged("schema", { schemaRevision: "0003" }, { before: { ...before, schemaRevision: "0003" } })).toEqual([
      "pass",
      "revision 0003, as before",
    ]);
    const upgraded = { releases, before: { ...before, schemaRevision: "0003" } };
    expect(judged("schema", {}, upgraded)).toEqual(["fail", "revision 0002, but release 1.1.0 needs 0003; release 1.0.0 fits it"]);
    expect(judged("schema", { schemaRevision: "0001" }, { releases: [] })).toEqual([
      "fail",
      "revision 0001, but the running release had 0002",
    ]);
    expect(judged("schema", { schemaRevision: undefined })).toEqual(["fail", "revision none, but release 1.0.0 needs 0002"]);
    expect(judged("schema", {}, { releases: [], before: undefined })?.[0]).toBe("warn");
  });

  it("whose vector index cannot be asked, or finds none of its own vectors, fails; one that misses some is a warning", () => {
    const index = { index: "patterns_embedding", sampled: 3, agreed: 3 };
    expect(judged("vector-indexes", { vectorIndexes: [{ ...index, error: "could not read block 3" }] })).toEqual([
      "fail",
      "patterns_embedding could not read block 3",
    ]);
    expect(judged("vector-indexes", { vectorIndexes: [index, { ...index, agreed: 0 }] })?.[0]).toBe("fail");
    expect(judged("vector-indexes", { vectorIndexes: [{ ...index, agreed: 2 }] })).toEqual([
      "warn",
      "patterns_embedding gives the nearest for 2 of 3 vectors",
    ]);
    expect(judged("vector-indexes", { vectorIndexes: [{ ...index, sampled: 0, agreed: 0 }] })?.[0]).toBe("pass");
    expect(judged("vector-indexes", { vectorIndexes: [] })).toEqual(["pass", "there are none"]);
  });

  it("names indexes that cannot be used and sequences that are behind, which a person may mend afterwards", () => {
    expect(judged("indexes", { invalidIndexes: ["a_idx", "b_idx"] })).toEqual([
      "warn",
      "a_idx, b_idx cannot be used; rebuild with REINDEX",
    ]);
    expect(judged("sequences", { sequencesBehind: ["a_id_seq"] })?.[0]).toBe("warn");
  });

  it("is read page by page when that is asked for", () => {
    const thorough = { depth: "thorough" } as const;
    expect(judged("pages", { pages: { looked: 80, corrupt: [] } })).toBeUndefined();
    expect(judged("pages", { pages: { looked: 80, corrupt: [] } }, thorough)).toEqual([
      "pass",
      "80 tables and B-trees read, nothing wrong",
    ]);
    expect(judged("pages", { pages: { looked: 80, corrupt: [{ object: "a_idx", message: "item order invariant" }] } }, thorough)).toEqual([
      "fail",
      "a_idx: item order invariant",
    ]);
    expect(judged("pages", {}, thorough)?.[0]).toBe("warn");
  });
});
