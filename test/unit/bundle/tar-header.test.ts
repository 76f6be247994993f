import { describe, expect, it } from "vitest";
import { decodeHeader, decodePax, encodeHeader, padded, tarBlock } from "../../../src/adapters/tar/tar-header.ts";

describe("a tar header", () => {
  it.each([0, 1, 511, 512, 8 * 2 ** 30 - 1])("of %i bytes reads back", (size) => {
    const header = encodeHeader("blobs/sha256/abc", size);
    expect(header).toHaveLength(tarBlock);
    expect(decodeHeader(header)).toEqual({ name: "blobs/sha256/abc", size, type: "0" });
  });

  it.each([8 * 2 ** 30, 40 * 2 ** 30])("of %i bytes carries its size in a pax record", (size) => {
    expect(paxOf(encodeHeader("big", size)).get("size")).toBe(String(size));
  });

  it.each([100, 101, 255, 990, 991])("with a path of %i characters keeps it", (length) => {
    const path = "p".repeat(length);
    const header = encodeHeader(path, 1);
    expect(length > 100 ? paxOf(header).get("path") : decodeHeader(header)?.name).toBe(path);
  });

  it("is the same for the same entry", () => {
    expect(encodeHeader("a", 1).equals(encodeHeader("a", 1))).toBe(true);
  });

  it("with one bit flipped before its checksum is no header or tells something else", () => {
    const header = encodeHeader("blobs/sha256/abc", 1234);
    for (let bit = 0; bit < 148 * 8; bit += 1) {
      const flipped = Buffer.from(header);
      flipped.writeUInt8((flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      const same = (() => {
        try {
          return JSON.stringify(decodeHeader(flipped)) === JSON.stringify(decodeHeader(header));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return false;
        }
      })();
      expect(same, `bit ${bit}`).toBe(false);
    }
  });

  it("of zeros is the end of the archive", () => {
    expect(decodeHeader(Buffer.alloc(tarBlock))).toBeUndefined();
  });
});

describe("pax records", () => {
  it.each(["garbage", "5 a=b\n", "99 a=b\n", "0 a=b\n", "6 ab=\n "])("%j are refused when malformed", (text) => {
    expect(() => decodePax(Buffer.from(text))).toThrow(RangeError);
  });
});

function paxOf(header: Buffer): ReadonlyMap<string, string> {
  const first = decodeHeader(header.subarray(0, tarBlock));
  expect(first?.type).toBe("x");
  expect(header.length).toBe(2 * tarBlock + padded(first?.size ?? 0));
  return decodePax(header.subarray(tarBlock, tarBlock + (first?.size ?? 0)));
}
