import { describe, expect, test } from "vitest";
import { parseAssignment } from "../../../src/domain/answers/assignment.ts";
import { didYouMean, editDistance } from "../../../src/domain/answers/did-you-mean.ts";
import { readDocument } from "../../../src/domain/answers/document.ts";
import { subdomainSchema, suggestName } from "../../../src/domain/answers/names.ts";
import { scheduleSchema } from "../../../src/domain/answers/schedule.ts";
import { mergeTrees, withoutValue, withValue } from "../../../src/domain/answers/tree.ts";
import { problemOf } from "../../fakes/problem-of.ts";

describe("reading an answers file", () => {
  test.each([
    ["a: [1\nb: 2\n", "indentation"],
    ['a: "1\n', "a character is missing"],
    ["a: 1\na: 2\n", "twice"],
    ["a:\n\t- 1\n", "a tab is used"],
    ["- 1\n", "not a mapping"],
    ["a: 1\n---\nb: 2\n", "more than one document"],
  ])("tells the line and what is wrong with %j", async (text, message) => {
    const problem = await problemOf(() => readDocument({ path: "a.yaml", text }));
    expect(problem.code).toBe("ANSWERS_SYNTAX");
    expect(problem.message).toMatch(/^a\.yaml/);
    expect(problem.message).toContain(message);
  });

  test("refuses aliases that are made to explode, quickly", async () => {
    const layers = Array.from({ length: 12 }, (_, index) => `l${index + 1}: &l${index + 1} [${Array(10).fill(`*l${index}`).join(", ")}]`);
    const started = performance.now();
    const problem = await problemOf(() => readDocument({ path: "a.yaml", text: `l0: &l0 [x]\n${layers.join("\n")}\n` }));
    expect(problem.code).toBe("ANSWERS_SYNTAX");
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test("refuses a file that is no answers file by its size", async () => {
    expect((await problemOf(() => readDocument({ path: "a.yaml", text: "a".repeat(1_000_001) }))).message).toContain("1000001 characters");
  });

  test("takes an empty file for no answers", () => {
    expect(readDocument({ path: "a.yaml", text: "# nothing yet\n" }).tree).toEqual({});
  });

  test("knows the line of a key that is not there: that of the mapping it would be in", () => {
    expect(readDocument({ path: "a.yaml", text: "x: 1\ny:\n  z: 2\n" }).place(["y", "w"])).toBe("a.yaml:2");
  });
});

describe("keys that mean something to JavaScript", () => {
  test("are only keys", () => {
    const { tree } = readDocument({ path: "a.yaml", text: "values: { __proto__: { polluted: 1 } }\n" });
    mergeTrees({ values: {} }, tree);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect(withValue({}, ["constructor", "prototype"], 1)).toEqual({ constructor: { prototype: 1 } });
  });

  test("are refused in --set", async () => {
    expect((await problemOf(() => parseAssignment("__proto__.x=1"))).code).toBe("USAGE");
  });
});

describe("--set", () => {
  test.each([
    ["a.b=3", ["a", "b"], 3],
    ["a=true", ["a"], true],
    ['a="3"', ["a"], "3"],
    ["a=x=y", ["a"], "x=y"],
    ["a\\.b.c=", ["a.b", "c"], ""],
    ['a=[1,{"b":2}]', ["a"], [1, { b: 2 }]],
  ])("reads %s", (text, path, value) => {
    expect(parseAssignment(text)).toEqual({ path, value });
  });

  test.each(["a", "=1", "a..b=1", ".=1"])("refuses %j", async (text) => {
    expect((await problemOf(() => parseAssignment(text))).code).toBe("USAGE");
  });
});

describe("guessing what was meant", () => {
  test("counts two swapped letters as one slip", () => {
    expect(editDistance("usrename", "username")).toBe(1);
    expect(editDistance("", "abc")).toBe(3);
  });

  test("offers only what is near", () => {
    expect(didYouMean("ingres", ["ingress", "registry"])).toBe("ingress");
    expect(didYouMean("zebra", ["ingress", "registry"])).toBeUndefined();
  });

  test.each([
    ["Client A", "client-a"],
    ["--x--", "x"],
    ["Ärger", "arger"],
    ["a_.b", "a.b"],
    ["___", undefined],
  ])("makes a legal name of %j", (written, name) => {
    expect(suggestName(written)).toBe(name);
    if (name !== undefined) expect(subdomainSchema.safeParse(name).success).toBe(true);
  });
});

test("cron expressions are judged field by field", () => {
  for (const good of ["0 2 * * 0", "*/15 0-6 1,15 JAN-MAR mon", "59 23 31 12 7"])
    expect(scheduleSchema.safeParse(good).success, good).toBe(true);
  for (const bad of ["60 2 * * 0", "0 24 * * *", "0 2 * *", "@daily", "0 0 0 * *", "a b c d e f"])
    expect(scheduleSchema.safeParse(bad).success, bad).toBe(false);
});

test("taking a value away leaves its neighbours", () => {
  expect(withoutValue({ a: { b: 1, c: 2 } }, ["a", "b"])).toEqual({ a: { c: 2 } });
  expect(withoutValue({ a: 1 }, ["x", "y"])).toEqual({ a: 1 });
});
