import { describe, expect, it } from "vitest";
import { formatQuantity, nanosPerUnit, parseQuantity, toMillis, toUnits } from "../../../src/domain/capacity/quantity.ts";
import { seeded, seedOfRun } from "./seeded.ts";

const units = (text: string): bigint | undefined => parseQuantity(text);

describe("parseQuantity", () => {
  it.each([
    ["0", 0n],
    ["1", nanosPerUnit],
    ["250m", nanosPerUnit / 4n],
    ["0.5", nanosPerUnit / 2n],
    [".5", nanosPerUnit / 2n],
    ["5.", 5n * nanosPerUnit],
    ["1Ki", 1024n * nanosPerUnit],
    ["1.5Gi", 1536n * 1024n * 1024n * nanosPerUnit],
    ["2e3", 2000n * nanosPerUnit],
    ["2E3", 2000n * nanosPerUnit],
    ["2E", 2n * 10n ** 18n * nanosPerUnit],
    ["1e-3", nanosPerUnit / 1000n],
    ["100k", 100_000n * nanosPerUnit],
    ["7n", 7n],
    ["3u", 3000n],
    ["+4", 4n * nanosPerUnit],
    ["-4", -4n * nanosPerUnit],
    ["0.1n", 1n],
    ["1e-30", 1n],
    ["0e999999999", 0n],
    ["16Ei", ((1n << 63n) - 1n) * nanosPerUnit],
    ["1e999999999", ((1n << 63n) - 1n) * nanosPerUnit],
  ])("reads %s exactly", (text, expected) => expect(units(text)).toBe(expected));

  it.each(["", ".", "1e", "Gi", "1GB", "1 Gi", "0x10", "1Kib", "--1", "1.2.3", "1ki", "1,5", "NaN", "1e1.5", "1mi"])(
    "refuses %j, as the API server does",
    (text) => expect(units(text)).toBeUndefined(),
  );

  it("counts CPU in thousandths and bytes in units, rounded up as the scheduler does", () => {
    expect(toMillis(units("1.0001") ?? 0n)).toBe(1001);
    expect(toUnits(units("1500m") ?? 0n)).toBe(2);
  });

  it("reads back every number it writes", () => {
    const seed = seedOfRun();
    const random = seeded(seed);
    for (let round = 0; round < 5000; round += 1) {
      const nanos = BigInt(Math.floor(random() * 2 ** 48)) * 10n ** BigInt(Math.floor(random() * 13));
      expect(parseQuantity(formatQuantity(nanos)), `seed ${seed}`).toBe(nanos);
    }
  });

  it("adds without loss: parts of a quantity sum up to the whole in every unit", () => {
    const seed = seedOfRun();
    const random = seeded(seed);
    for (let round = 0; round < 2000; round += 1) {
      const parts = Array.from({ length: 1 + Math.floor(random() * 9) }, () => Math.floor(random() * 1_000_000));
      const sum = parts.reduce((a, b) => a + b, 0);
      for (const suffix of ["m", "", "Ki", "Mi", "k", "M", "e-3"]) {
        const added = parts.reduce((total, part) => total + (parseQuantity(`${part}${suffix}`) ?? -1n), 0n);
        expect(added, `seed ${seed}`).toBe(parseQuantity(`${sum}${suffix}`));
      }
    }
  });
});
