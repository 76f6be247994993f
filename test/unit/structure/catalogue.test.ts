import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/domain/errors/catalogue.ts";
import type { CatalogueEntry } from "../../../src/domain/errors/problem.ts";

const root = join(import.meta.dirname, "../../..");
const textOf = (pattern: string): string =>
  globSync(pattern, { cwd: root })
    .filter((path) => !path.startsWith("test/unit/structure/") && !path.includes("errors/catalogue"))
    .map((path) => readFileSync(join(root, path), "utf8"))
    .join("\n");
const mentions = (text: string, code: string): boolean => new RegExp(`["'\`/ ]${code}\\b`).test(text);

describe("the error catalogue", () => {
  const codes = Object.keys(catalogue);

  it("has each of its errors provoked by a test", () => {
    const tests = textOf("test/**/*.ts");
    expect(codes.filter((code) => !mentions(tests, code))).toEqual([]);
  });

  it("has no error that nothing raises", () => {
    const sources = textOf("{src,preflight}/**/*.ts");
    expect(codes.filter((code) => !mentions(sources, code))).toEqual([]);
  });

  it("tells each error's why and fix in whole sentences", () => {
    for (const [code, entry] of Object.entries<CatalogueEntry>(catalogue)) {
      expect(entry.why, code).toMatch(/^\S.*[.)?]$/s);
      expect(entry.fix.length, code).toBeGreaterThan(10);
    }
  });
});
