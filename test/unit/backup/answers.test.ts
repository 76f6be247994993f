import { describe, expect, it } from "vitest";
import {
  readAsked,
  readCommits,
  readDrills,
  readInspection,
  readRestoreState,
  readState,
  readSwitched,
  readVolume,
} from "../../../src/adapters/kubernetes/backup-host/answers.ts";
import { readExamination } from "../../../src/adapters/kubernetes/backup-host/examination-answer.ts";

const request = {
  id: 7,
  type: "full",
  status: "running",
  label: null,
  exitCode: null,
  message: null,
  askedAt: "2026-11-25T07:00:00.000000Z",
};
const info = (backup: object) =>
  `{"info":[{"name":"main","status":{"code":0,"lock":{"backup":${JSON.stringify(backup)}},"message":"ok"}}]}`;

describe("what the database's pod answers", () => {
  it("of a backup at work tells how far it is", () => {
    const text = `${JSON.stringify({ request })}\n${info({ held: true, size: 1000, "size-cplt": 250 })}\n`;
    expect(readState(text)).toEqual({
      request: { id: 7, type: "full", status: "running", askedAt: new Date("2026-11-25T07:00:00Z") },
      bytes: { done: 250, total: 1000 },
    });
  });

  it("of a request that nobody made is nothing", () => {
    expect(readState(`${info({ held: false })}\n`)).toBeUndefined();
  });

  it("of the repository keeps every digit of system identifiers", () => {
    const text =
      '{"info":[{"name":"main","db":[{"id":1,"system-id":7712013579349659667}]}]}\n{"server":{"major":"17"}}\n{"archive":{}}\n{"history":{"path":"17-1/00000002.history","content":"MQkwLzUwMDAwMDAJbm8K"}}\n';
    expect(readInspection(text)).toEqual({
      primary: undefined,
      major: "17",
      info: [{ name: "main", db: [{ id: 1, "system-id": "7712013579349659667" }] }],
      archive: {},
      histories: { "17-1/00000002.history": "1\t0/5000000\tno\n" },
    });
  });

  it("of commits tells apart a segment without any and one that cannot be read", () => {
    const lines = [
      {
        segment: "A",
        commits: [
          { lsn: "0/1", at: "2026-11-25T07:00:00.5Z" },
          { lsn: "0/2", at: "2026-11-25T07:00:01Z" },
        ],
      },
      { segment: "B", commits: [] },
      { segment: "C", error: "it is not in the archive" },
    ];
    expect(readCommits(lines.map((line) => JSON.stringify(line)).join("\n"))).toEqual(lines);
  });

  it("of the volume tells its directories and the room on it", () => {
    const directory = { name: "17-a", current: false, replacedBy: "r1", restoring: "", kibibytes: 3 };
    const volume = { path: "/var/lib/postgresql/data", kibibytes: 9, free: 5 };
    const other = { path: "/var/lib/pgbackrest", kibibytes: 9, free: 1 };
    expect(readVolume([{ directory }, { volume }, { volume: other }].map((one) => JSON.stringify(one)).join("\n"))).toEqual({
      directories: [{ name: "17-a", current: false, replacedBy: "r1", unfinished: false, bytes: 3072 }],
      free: 5120,
    });
    expect(() => readVolume(JSON.stringify({ directory }))).toThrow(expect.objectContaining({ code: "BACKUP_HOST_STRANGE" }));
  });

  it.each<[string, (text: string) => unknown, string]>([
    ["a request", readAsked, "psql: error: connection refused"],
    ["a segment", readSwitched, '{"switched":5}'],
    ["the commits", readCommits, '{"segment":5}'],
    ["the repository", readInspection, '{"archive":{}}'],
  ])("that is not what it should be is BACKUP_HOST_STRANGE: %s", (_, read, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "BACKUP_HOST_STRANGE" }));
  });

  it("of drills tells those that ended, run and were cut off", () => {
    const began = { by: "schedule", startedAt: "2026-11-25T07:00:00.000000Z" };
    const outcome = {
      ...{ id: 3, by: "schedule", verdict: "pass", message: "", set: "20261125-020000F", timeline: 1, type: "standby", target: null },
      ...{ reachedLsn: "0/5000000", lastCommit: "2026-11-25T06:59:00.000000Z", bytes: 1000, copySeconds: 1.5, replaySeconds: 2 },
      ...{ rtoSeconds: 3.5, rpoSeconds: 60, checks: [{ what: "tables", verdict: "pass", seen: "9 tables with 120 rows" }] },
    };
    const drills = [
      { ...began, status: "running", finishedAt: null, message: null, outcome: null },
      { ...began, status: "failed", finishedAt: "2026-11-25T07:01:00Z", message: "it was cut off", outcome: null },
      { ...began, status: "passed", finishedAt: "2026-11-25T07:01:00Z", message: null, outcome },
    ];
    expect(readDrills(drills.map((drill) => JSON.stringify({ drill })).join("\n"))).toMatchObject([
      { status: "running", startedAt: new Date("2026-11-25T07:00:00Z") },
      { status: "failed", message: "it was cut off" },
      { status: "passed", outcome: { rtoSeconds: 3.5, rpoSeconds: 60, target: null } },
    ]);
    expect(() => readDrills('{"drill":{"by":"schedule"}}')).toThrow(expect.objectContaining({ code: "BACKUP_HOST_STRANGE" }));
  });

  it("of a database that was examined tells what it holds, what is wrong with it, and what could not be read", () => {
    const failure = { what: "tables", message: "migration.b: invalid page in block 3" };
    const redis = { asOf: "2026-11-23T14:00:03Z", version: "7.0.15", keys: 40, bytes: 2048, sha256: "0".repeat(64) };
    const documents = [
      { table: { name: "migration.a", rows: 3, exact: true } },
      { failure },
      { table: { name: "migration.b", rows: null, exact: false } },
      { schemaRevision: null },
      { redis },
      { replicas: 1 },
      { invalidIndex: "migration.a_pkey" },
      { sequenceBehind: "migration.a_id_seq" },
      { redisParts: { bytes: 1024, altered: 1 } },
      { vectorIndex: { index: "migration.a_embedding", sampled: 0, agreed: 0, error: "the planner does not use it" } },
      { pages: { looked: 2, corrupt: [{ object: "migration.a", message: "block 3: line pointer" }] } },
    ];
    expect(readExamination(documents.map((document) => JSON.stringify(document)).join("\n"))).toEqual({
      tables: [
        { name: "migration.a", rows: 3, exact: true },
        { name: "migration.b", exact: false },
      ],
      schemaRevision: undefined,
      heartbeat: undefined,
      replicas: 1,
      redis,
      redisParts: { bytes: 1024, altered: 1 },
      invalidIndexes: ["migration.a_pkey"],
      sequencesBehind: ["migration.a_id_seq"],
      vectorIndexes: [{ index: "migration.a_embedding", sampled: 0, agreed: 0, error: "the planner does not use it" }],
      pages: { looked: 2, corrupt: [{ object: "migration.a", message: "block 3: line pointer" }] },
      failures: [failure],
    });
  });

  it.each(['{"table":{"name":"migration.a","rows":3,"exact":true}}', '{"replicas":0}\n{"failure":{"what":"weather","message":"bad"}}'])(
    "of a database that was examined, which is not understood: %s",
    (text) => {
      expect(() => readExamination(text)).toThrow(expect.objectContaining({ code: "BACKUP_HOST_STRANGE" }));
    },
  );

  it("of a restore tells its phase, in the words that are possible, and where recovery stands", () => {
    const reached = { inRecovery: true, pause: "paused", lsn: "0/5", lastCommit: null, timeline: 1 };
    const text = JSON.stringify({ phase: "paused", message: "", reached });
    expect(readRestoreState(text, ["paused"])).toMatchObject({ phase: "paused", reached: { paused: true, lastCommit: undefined } });
    expect(() => readRestoreState(text, ["copying"])).toThrow(expect.objectContaining({ code: "BACKUP_HOST_STRANGE" }));
  });
});
