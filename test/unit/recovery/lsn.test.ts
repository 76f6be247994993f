import { describe, expect, it } from "vitest";
import {
  defaultSegmentBytes,
  firstLsn,
  formatLsn,
  isSegmentBytes,
  lsnOf,
  nextSegment,
  parseLsn,
  parseSegmentName,
  segmentAt,
  segmentBefore,
  segmentName,
} from "../../../src/domain/recovery/lsn.ts";

const MiB = 1024 ** 2;
const lsn = (text: string) => parseLsn(text) ?? lsnOf(-1n);

describe("an LSN", () => {
  it.each([
    ["0/3000028", 0x3000028n, "0/3000028"],
    ["0/03000028", 0x3000028n, "0/3000028"],
    ["1A/0", 0x1a00000000n, "1A/0"],
    ["ffffffff/ffffffff", 0xffffffffffffffffn, "FFFFFFFF/FFFFFFFF"],
  ])("%s is read and printed as Postgres does", (text, bytes, printed) => {
    expect(parseLsn(text)).toBe(bytes);
    expect(formatLsn(lsn(text))).toBe(printed);
  });

  it.each(["", "0", "0/", "/0", "0/G", "0/123456789", "0/1 ", "-1/0", "0/1/2"])("is not read from %j", (text) => {
    expect(parseLsn(text)).toBeUndefined();
  });

  it("on a segment's boundary is its first, and needs the segment before to be replayed up to", () => {
    expect(segmentAt(lsn("0/2000000"), defaultSegmentBytes)).toBe(2);
    expect(segmentBefore(lsn("0/2000000"), defaultSegmentBytes)).toBe(1);
    expect(segmentBefore(lsn("0/2000001"), defaultSegmentBytes)).toBe(2);
    expect(segmentBefore(lsn("0/0"), defaultSegmentBytes)).toBe(0);
  });
});

describe("a segment", () => {
  it.each([
    [16 * MiB, 1, "000000010000000000000001"],
    [16 * MiB, 255, "0000000100000000000000FF"],
    [16 * MiB, 256, "000000010000000100000000"],
    [MiB, 4095, "000000010000000000000FFF"],
    [MiB, 4096, "000000010000000100000000"],
    [1024 * MiB, 3, "000000010000000000000003"],
    [1024 * MiB, 4, "000000010000000100000000"],
  ])("of %i bytes, number %i, is named %s", (bytes, number, name) => {
    expect(segmentName({ timeline: 1, number }, bytes)).toBe(name);
    expect(parseSegmentName(name, bytes)).toEqual({ timeline: 1, number });
    expect(segmentAt(firstLsn(number, bytes), bytes)).toBe(number);
  });

  it("is followed by the next number on the same timeline, over the end of a name's part too", () => {
    const last = parseSegmentName("0000002A00000001000000FF", defaultSegmentBytes);
    expect(last).toEqual({ timeline: 42, number: 511 });
    expect(last && segmentName(nextSegment(last), defaultSegmentBytes)).toBe("0000002A0000000200000000");
  });

  it.each([
    "",
    "00000001000000000000000G",
    "00000001000000000000001",
    "000000010000000000000100",
    "000000000000000000000001",
    "00000002.history",
  ])("is not named by %j", (name) => {
    expect(parseSegmentName(name, defaultSegmentBytes)).toBeUndefined();
  });

  it("has a size that is a power of two from 1 MiB to 1 GiB", () => {
    expect([MiB, 16 * MiB, 1024 * MiB].every(isSegmentBytes)).toBe(true);
    expect([0, MiB / 2, 3 * MiB, 2048 * MiB, Number.NaN].some(isSegmentBytes)).toBe(false);
  });
});
