import { describe, expect, it } from "vitest";
import { aroundSilence, differences, Ledger, outOfService, type WrittenRow } from "../../campaign/restores/ledger.ts";

const row = (number: number, sentAt: number, acknowledgedAt: number | undefined = sentAt + 2): WrittenRow => ({
  number,
  sentAt,
  acknowledgedAt,
});
const lost = (number: number, sentAt: number): WrittenRow => ({ number, sentAt, acknowledgedAt: undefined });
const sorted = (numbers: ReadonlySet<number>): readonly number[] => [...numbers].toSorted((a, b) => a - b);

describe("the ledger of a campaign of restores", () => {
  it("expects what was acknowledged until the moment, and allows what was in flight or never acknowledged", () => {
    const ledger = new Ledger();
    for (const one of [row(1, 10), row(2, 20), lost(3, 30), row(4, 40), row(5, 50)]) ledger.write(one);
    const { there, maybe } = ledger.expected({ era: 0, at: 41 });
    expect(sorted(there)).toEqual([1, 2]);
    expect(sorted(maybe)).toEqual([3, 4]);
  });

  it("follows restores of restores: a later era holds what its moment held, and what it wrote itself", () => {
    const ledger = new Ledger();
    for (const one of [row(1, 10), row(2, 20), row(3, 30)]) ledger.write(one);
    ledger.restored({ era: 0, at: 25 }, 35);
    for (const one of [row(4, 40), row(5, 50)]) ledger.write(one);
    ledger.restored({ era: 1, at: 45 }, 55);
    ledger.write(row(6, 60));
    expect(sorted(ledger.expected({ era: 2, at: 100 }).there)).toEqual([1, 2, 4, 6]);
    expect(sorted(ledger.expected({ era: 1, at: 52 }).there)).toEqual([1, 2, 4, 5]);
    expect(sorted(ledger.expected({ era: 0, at: 33 }).there)).toEqual([1, 2, 3]);
    expect(ledger.replaced).toEqual({ era: 1, at: 55 });
    expect(sorted(ledger.sinceRestore)).toEqual([6]);
  });

  it("knows from when to when rows were written", () => {
    const ledger = new Ledger();
    ledger.write(row(1, 10));
    expect(ledger.span(0)).toBeUndefined();
    ledger.write(row(2, 20));
    expect(ledger.span(0)).toEqual({ from: 12, to: 22 });
    expect(() => ledger.replaced).toThrow(RangeError);
  });

  it("tells apart the rows before and after the platform was out of service", () => {
    const rows = [row(1, 10), row(2, 20), lost(3, 23), lost(4, 60), row(5, 88), row(6, 95)];
    const silence = outOfService(rows, { from: 5, to: 100 });
    expect(silence).toEqual({ from: 22, to: 90 });
    const [before, after] = aroundSilence(rows, silence);
    expect(before.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(after.map(({ number }) => number)).toEqual([3, 4, 5, 6]);
  });

  it("finds what is missing and what cannot be there", () => {
    const expected = { there: new Set([1, 2, 3]), maybe: new Set([4]) };
    expect(differences(new Set([1, 3, 4, 9]), expected, new Set([9]))).toEqual({ missing: [2], surplus: [] });
    expect(differences(new Set([1, 2, 3, 7]), expected, new Set())).toEqual({ missing: [], surplus: [7] });
  });
});
