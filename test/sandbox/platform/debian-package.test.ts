import { describe, expect, test } from "vitest";
import { closure } from "./closure.ts";
import { type DebianPackage, parsePrintedUri, parseRecords, withDependencies } from "./debian-package.ts";

const digest = "a".repeat(64);

describe("what apt prints", () => {
  test("a package is read from its address, the colon of its version too", () => {
    const line = `'http://mirror/pool/t/tzdata_2%3a2026a_all.deb' tzdata_2%3a2026a_all.deb 1000 SHA256:${digest}`;
    expect(parsePrintedUri(line)).toMatchObject({ name: "tzdata", version: "2:2026a", architecture: "all", digest });
  });

  test("a line without a SHA-256 is refused, for nothing would vouch for the file", () => {
    expect(() => parsePrintedUri("'http://mirror/a_1_all.deb' a_1_all.deb 1000 MD5Sum:0")).toThrow("apt printed what is no package");
  });

  test("dependencies are lists of alternatives without versions and architectures", () => {
    const text =
      "Package: a\nPre-Depends: c (>= 2)\nDepends: d | e (<< 3), python3:any\nProvides: mail (= 1), x\nDescription: a\n b: c\n\nPackage: b\n";
    const [first, second] = parseRecords(text);
    const bare = parsePrintedUri(`'u' a_1_all.deb 1 SHA256:${digest}`);
    expect(withDependencies(bare, first ?? new Map())).toMatchObject({ needs: [["c"], ["d", "e"], ["python3"]], provides: ["mail", "x"] });
    expect(second?.get("Package")).toBe("b");
  });
});

describe("the part of the chosen packages that a layer needs", () => {
  const chosen = (name: string, needs: DebianPackage["needs"] = [], provides: readonly string[] = []): DebianPackage => ({
    ...parsePrintedUri(`'u' ${name}_1_all.deb 1 SHA256:${digest}`),
    needs,
    provides,
  });
  const names = (packages: readonly DebianPackage[]) => packages.map(({ name }) => name);

  test("it is closed under dependencies, in apt's order, and holds nothing else", () => {
    const all = [chosen("libc6"), chosen("other"), chosen("lib", [["libc6"]]), chosen("program", [["lib"], ["libc6"]])];
    expect(names(closure(all, ["program"]))).toEqual(["libc6", "lib", "program"]);
  });

  test("packages that need each other are both taken", () => {
    expect(names(closure([chosen("a", [["b"]]), chosen("b", [["a"]])], ["a"]))).toEqual(["a", "b"]);
  });

  test("of alternatives the first that was chosen is taken, by its name or by what it provides", () => {
    const all = [chosen("mawk", [], ["awk"]), chosen("base", [["awk"]]), chosen("mailer", [["exim", "postfix"]]), chosen("postfix")];
    expect(names(closure(all, ["base", "mailer"]))).toEqual(["mawk", "base", "mailer", "postfix"]);
  });

  test("a dependency that nothing chosen meets is an error that names both", () => {
    expect(() => closure([chosen("a", [["x", "y"]])], ["a"])).toThrow("apt chose nothing that is x or y, wanted by a");
  });
});
