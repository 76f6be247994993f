import { describe, expect, it } from "vitest";
import { manifestObjects } from "../../../src/domain/manifest/objects.ts";

describe("the objects of a YAML stream", () => {
  it("are given in order, without empty documents and comments", () => {
    expect(manifestObjects("---\n# Source: a\nkind: A\n---\n---\n# nothing\n---\nkind: B\n")).toEqual([{ kind: "A" }, { kind: "B" }]);
  });

  it("are read as Helm reads them: octal modes, yes and no, the last of equal keys", () => {
    expect(manifestObjects("mode: 0440\non: yes\nkey: 1\nkey: 2\n")).toEqual([{ mode: 0o440, true: true, key: 2 }]);
  });

  it("are refused whole when a document is no YAML, by line and without quoting what stands there", () => {
    expect(() => manifestObjects("kind: A\n---\npassword: [canary\n")).toThrow(/not valid YAML: .* at line \d+/);
    expect(() => manifestObjects("kind: A\n---\npassword: [canary\n")).not.toThrow(/canary/);
  });
});
