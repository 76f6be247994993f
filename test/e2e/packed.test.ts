import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "./support/site.ts";

const folder = mkdtempSync(join(tmpdir(), "migratectl-pack-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the package", () => {
  it("holds what runs and no more, and runs once it is installed from the tarball", () => {
    const [packed] = JSON.parse(
      execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root, encoding: "utf8" }),
    ) as readonly { readonly filename: string; readonly files: readonly { readonly path: string }[] }[];
    const paths = packed?.files.map(({ path }) => path) ?? [];
    const tops = new Set(paths.map((path) => path.split("/")[0]));
    expect([...tops].sort()).toEqual(["LICENSE", "README.md", "bin", "dist", "package.json", "templates"]);

    execFileSync("npm", ["init", "-y"], { cwd: folder, stdio: "ignore" });
    execFileSync("npm", ["install", "--no-audit", "--no-fund", join(folder, packed?.filename ?? "")], { cwd: folder, stdio: "ignore" });
    const installed = join(folder, "node_modules/.bin/migratectl");
    expect(execFileSync(installed, ["--version"], { encoding: "utf8" })).toMatch(/^migratectl\//);
    expect(execFileSync(installed, ["render", "--help"], { encoding: "utf8" })).toMatch(/EXAMPLES/);
    expect(readdirSync(join(folder, "node_modules")).length, "installed packages").toBeLessThan(20);
  });
});
