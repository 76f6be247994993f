import { describe, expect, it } from "vitest";
import { emptyRecord } from "../../../src/domain/plan/record.ts";
import { migrationsStop } from "../../../src/workflow/diff/migrations-stop.ts";
import type { RecordBook } from "../../../src/workflow/run/record-book.ts";

const migration = (id: string, kind: "expand" | "contract") => ({ id, kind, reversible: true });
const release = {
  ...{ version: "2.0.0", upgradeFrom: ">=1.0.0", stops: [], schema: { from: "1", to: "3" } },
  migrations: [migration("2", "expand"), migration("3", "contract")],
};

/** The record of a namespace to which these releases were brought, the newest last. */
function book(...brought: readonly (readonly [version: string, schemaRevision: string])[]): RecordBook {
  const entries = brought.map(([version, schemaRevision]) => ({ version, schemaRevision, outcome: "succeeded" }));
  const record = { ...emptyRecord("shop", "u-1"), entries } as unknown as RecordBook["record"];
  return { record, answers: undefined, version: "1" };
}

describe("the revision at which migrations would stop", () => {
  it("is before those that an upgrade puts off", () => {
    expect(migrationsStop(book(["1.0.0", "1"]), release)).toBe("2");
    expect(migrationsStop(book(["1.0.0", "1"]), { ...release, migrations: [migration("3", "expand")] })).toBeUndefined();
  });

  it("is where they were stopped when the same release was brought here, until they were finished", () => {
    expect(migrationsStop(book(["1.0.0", "1"], ["2.0.0", "2"]), release)).toBe("2");
    expect(migrationsStop(book(["1.0.0", "1"], ["2.0.0", "2"], ["2.0.0", "3"]), release)).toBeUndefined();
  });

  it("is the end where the record does not tell where the database stands", () => {
    expect([migrationsStop(undefined, release), migrationsStop(book(["0.1.0", "0"]), release)]).toEqual([undefined, undefined]);
  });
});
