import { globSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { layerOf, packageImports, sourceImports } from "../../../scripts/docs/imports.ts";

const root = join(import.meta.dirname, "../../..");

/** What each layer may import besides itself; `compose` is the one module that joins ports and adapters. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  ports: ["domain"],
  workflow: ["domain", "ports", "preflight"],
  wizard: ["domain", "ports"],
  preflight: ["domain", "ports"],
  adapters: ["domain", "ports"],
  ui: ["domain", "ports"],
  cli: ["domain", "ports", "workflow", "wizard", "preflight", "compose"],
  compose: ["domain", "ports", "workflow", "wizard", "preflight", "adapters", "ui", "cli"],
};

describe("the layers", () => {
  it("import only downwards: domain <- ports <- workflow, wizard, preflight <- cli; only compose joins adapters", () => {
    const wrong = sourceImports(root).filter(({ from, to }) => {
      const [own, other] = [layerOf(from), layerOf(to)];
      return own !== other && !(allowed[own] ?? []).includes(other);
    });
    expect(wrong).toEqual([]);
  });

  it("load adapters lazily, so that --help and --version touch none", () => {
    const eager = sourceImports(root).filter(
      (one) => layerOf(one.from) === "compose" && layerOf(one.to) === "adapters" && !one.lazy && !one.typeOnly,
    );
    expect(eager).toEqual([]);
  });

  it("keep the domain pure: nothing but zod, semver, yaml, js-yaml and itself", () => {
    const packages = new Set(globSync("src/domain/**/*.ts", { cwd: root }).flatMap((file) => packageImports(root, file)));
    expect([...packages].filter((name) => !["zod", "semver", "yaml", "js-yaml"].includes(name))).toEqual([]);
  });

  it("know listr2, ora and the prompts in ui alone", () => {
    const users = globSync("src/**/*.ts", { cwd: root }).filter((file) =>
      packageImports(root, file).some((name) => ["listr2", "ora", "@inquirer/prompts"].includes(name)),
    );
    expect(users.filter((file) => layerOf(file) !== "ui")).toEqual([]);
  });
});
