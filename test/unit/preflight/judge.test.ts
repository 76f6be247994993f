import { describe, expect, it } from "vitest";
import type { Check } from "../../../preflight/check.ts";
import { checks } from "../../../preflight/checks.ts";
import { judge } from "../../../preflight/judge.ts";
import { fail, pass } from "../../../preflight/judgement.ts";
import { factsSchema } from "../../../src/domain/facts/facts.ts";
import { overall } from "../../../src/domain/finding.ts";
import { goodFacts, input } from "./good.ts";

const check = (id: string, assess: Check["assess"]): Check => ({ id, title: `title of ${id}`, why: "Because.", needs: ["host"], assess });

describe("judge", () => {
  it("turns a check that throws into an unknown finding and goes on with the others", () => {
    const broken = check("broken", () => {
      throw new TypeError("oops");
    });
    const findings = judge([broken, check("fine", () => [pass("a", "b")])], input(), new Map());
    expect(findings.map(({ check: id, verdict }) => [id, verdict])).toEqual([
      ["broken", "unknown"],
      ["fine", "pass"],
    ]);
    expect(findings[0]?.seen).toMatch(/oops/);
  });

  it("keeps a skipped failure in the report, with its reason, and lets it fail nothing", () => {
    const findings = judge([check("red", () => [fail("a", "b", "c")])], input(), new Map([["red", "known to the team"]]));
    expect(findings).toMatchObject([{ verdict: "fail", skipped: "known to the team" }]);
    expect(overall(findings)).toBe("pass");
    expect(overall(judge([check("red", () => [fail("a", "b", "c")])], input(), new Map()))).toBe("fail");
  });

  it("gives the same findings in the same order and words for the same facts, also after they were saved and read back", () => {
    const replayed = factsSchema.parse(JSON.parse(JSON.stringify(goodFacts)));
    expect(judge(checks, input(replayed), new Map())).toEqual(judge(checks, input(), new Map()));
  });
});
