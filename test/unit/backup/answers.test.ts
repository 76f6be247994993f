import { describe, expect, it } from "vitest";
import {
  readAsked,
  readCommits,
  readInspection,
  readState,
  readSwitched,
  readVolume,
} from "../../../src/adapters/kubernetes/backup-host/answers.ts";

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
      '{"info":[{"name":"main","db":[{"id":1,"system-id":7712013579349659667}]}]}\n{"archive":{}}\n{"history":{"path":"17-1/00000002.history","content":"MQkwLzUwMDAwMDAJbm8K"}}\n';
    expect(readInspection(text)).toEqual({
      primary: undefined,
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
});
