import { describe, expect, it } from "vitest";
import { readArchive, type Timeline, type WalArchive } from "../../../src/domain/recovery/archive.ts";
import { readListing } from "../../../src/domain/recovery/archive-files.ts";
import { parseHistory } from "../../../src/domain/recovery/history-file.ts";
import { defaultSegmentBytes, formatLsn, parseLsn } from "../../../src/domain/recovery/lsn.ts";
import { lineageOf, pathTo } from "../../../src/domain/recovery/path.ts";
import { archiveWithout, histories, listing } from "./four-timelines.ts";

const sha = (letter: string): string => letter.repeat(40);

function archiveOf(files: readonly (string | readonly [string, number])[], texts: Readonly<Record<string, string>> = {}): WalArchive {
  const listed = files.map((file) => (typeof file === "string" ? { path: file, bytes: 100 } : { path: file[0], bytes: file[1] }));
  return readArchive({ files: listed, histories: texts, databaseId: 1, version: "17", segmentBytes: defaultSegmentBytes });
}

const segment = (timeline: number, number: number, rest = `-${sha("a")}.zst`): string => {
  const [id, within] = [timeline, number].map((one) => one.toString(16).toUpperCase().padStart(8, "0"));
  return `17-1/${id}00000000/${id}00000000${within}${rest}`;
};

function timeline(archive: WalArchive, id: number): Timeline {
  const found = archive.timelines.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no timeline ${id}`);
  return found;
}

describe("a real archive", () => {
  const archive = archiveWithout();

  it("is sorted into timelines with their parents and whole spans", () => {
    expect(archive).toMatchObject({ id: "17-1", version: "17", databaseId: 1, unknown: [] });
    expect(
      archive.timelines.map(({ id, history, parent, spans, holes, duplicates }) => [
        id,
        history,
        parent && `${parent.timeline} at ${formatLsn(parent.lsn)}`,
        spans,
        holes.length + duplicates.length,
      ]),
    ).toEqual([
      [1, "root", undefined, [{ first: 1, last: 12 }], 0],
      [2, "read", "1 at 0/A0057A0", [{ first: 10, last: 14 }], 0],
      [3, "read", "1 at 0/B001B50", [{ first: 11, last: 20 }], 0],
      [4, "read", "2 at 0/E001EE8", [{ first: 14, last: 18 }], 0],
    ]);
  });

  it("is walked for continuity: a segment that is gone is named, though pgBackRest's verify finds nothing (trap 7)", () => {
    expect(timeline(archiveWithout("00000003000000000000000F-", "000000030000000000000010-"), 3)).toMatchObject({
      spans: [
        { first: 11, last: 14 },
        { first: 17, last: 20 },
      ],
      holes: [{ kind: "missing", first: 15, last: 16, firstName: "00000003000000000000000F", lastName: "000000030000000000000010" }],
    });
  });

  it("tells a timeline whose history file is gone, and where it came from when a descendant knows", () => {
    const { files, ...rest } = { files: readListing(listing), databaseId: 1, version: "17", segmentBytes: defaultSegmentBytes };
    const { "00000002.history": _, ...others } = histories;
    const lost = readArchive({ ...rest, files: files.filter(({ path }) => !path.endsWith("00000002.history")), histories: others });
    expect(timeline(lost, 2)).toMatchObject({ history: "missing", parent: undefined });
    expect(pathTo(lost, 2)).toBeUndefined();
    expect(lineageOf(lost, 2)?.map(({ timeline: id, until }) => `${id} until ${until === undefined ? "now" : formatLsn(until)}`)).toEqual([
      "1 until 0/A0057A0",
      "2 until now",
    ]);
    expect(pathTo(lost, 4)?.map(({ timeline: id }) => id)).toEqual([1, 2, 4]);
  });
});

describe("an archive", () => {
  it("tells a segment that two clusters have written as a hole with both files (pgBackRest refuses to fetch it, exit 45)", () => {
    const archive = archiveOf([segment(1, 1), segment(1, 2), segment(1, 2, `-${sha("b")}.zst`), segment(1, 3)]);
    expect(timeline(archive, 1)).toMatchObject({
      spans: [
        { first: 1, last: 1 },
        { first: 3, last: 3 },
      ],
      holes: [{ kind: "ambiguous", first: 2, last: 2 }],
      duplicates: [{ name: "000000010000000000000002", differing: true, paths: [segment(1, 2), segment(1, 2, `-${sha("b")}.zst`)] }],
    });
    const same = archiveOf([segment(1, 2), segment(1, 2, `-${sha("a")}.gz`)]);
    expect(timeline(same, 1).duplicates).toMatchObject([{ differing: false }]);
  });

  it("counts a file of no size as missing, and cuts a gap by why it cannot be fetched, at the ends too", () => {
    const archive = archiveOf([
      [segment(1, 1), 0],
      segment(1, 2),
      [segment(1, 4), 0],
      segment(1, 5, `-${sha("b")}`),
      segment(1, 5),
      segment(1, 6),
      [segment(1, 7), 0],
    ]);
    expect(timeline(archive, 1).spans).toEqual([
      { first: 2, last: 2 },
      { first: 6, last: 6 },
    ]);
    expect(timeline(archive, 1).holes.map(({ kind, first, last }) => `${kind} ${first}-${last}`)).toEqual([
      "missing 1-1",
      "missing 3-4",
      "ambiguous 5-5",
      "missing 7-7",
    ]);
  });

  it("knows every form of name, takes partial segments for none, and names what it does not know", () => {
    const names = [
      segment(1, 1, `-${sha("a")}`),
      segment(1, 2, `-${sha("a")}.gz`),
      segment(1, 3, `-${sha("a")}.lz4`),
      segment(1, 4, `-${sha("a")}.bz2`),
      segment(1, 4, ".00000028.backup"),
      segment(1, 5, `.partial-${sha("a")}.zst`),
      "17-1/00000002.history",
      "17-1/0000000100000000/pgbackrest.tmp",
      "archive.info",
      "16-1/0000000100000000/000000010000000000000009-x",
    ];
    const archive = archiveOf(names);
    expect(timeline(archive, 1)).toMatchObject({
      spans: [{ first: 1, last: 4 }],
      holes: [],
      partials: ["000000010000000000000005"],
      bytes: 600,
    });
    expect(timeline(archive, 2)).toMatchObject({ history: "missing", spans: [] });
    expect(archive.unknown).toEqual(["17-1/0000000100000000/pgbackrest.tmp"]);
  });

  it("holds timelines that only a history names, and distrusts a history that cannot be read", () => {
    const archive = archiveOf([segment(3, 5), segment(4, 5)], {
      "00000003.history": "1\t0/4000000\tx\n2\t0/5000100\ty\n",
      "00000004.history": "nonsense",
    });
    expect(archive.timelines.map(({ id, history }) => `${id} ${history}`)).toEqual(["1 root", "2 missing", "3 read", "4 unreadable"]);
    expect(pathTo(archive, 4)).toBeUndefined();
  });

  it("is refused when the list is something else, or the size of segments is none", () => {
    expect(() => readListing(["a"])).toThrow(expect.objectContaining({ code: "REPOSITORY_UNREADABLE", exit: "recovery" }));
    expect(() => readListing({ a: 1 })).toThrow(/The list of the archive's files is not understood/);
    expect(() => readArchive({ files: [], histories: {}, databaseId: 1, version: "17", segmentBytes: 1000 })).toThrow(RangeError);
  });
});

describe("a history file", () => {
  it("is read as Postgres writes it, with its empty lines and remarks", () => {
    const text = "# a remark\n1\t0/A0057A0\tbefore 2026-11-25 07:13:29.484529+00\n\n\n2\t0/E001EE8\tno recovery target specified\n";
    expect(parseHistory(text)).toEqual([
      { timeline: 1, lsn: parseLsn("0/A0057A0") },
      { timeline: 2, lsn: parseLsn("0/E001EE8") },
    ]);
  });

  it.each(["", "\n", "1", "x\t0/1\ty", "1\t0-1\ty", "2\t0/1\tx\n1\t0/2\ty", "0\t0/1\tx"])("is refused as Postgres refuses %j", (text) => {
    expect(parseHistory(text)).toBeUndefined();
  });
});
