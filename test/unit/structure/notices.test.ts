import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bundledPackages, thirdPartyNotices } from "../../../scripts/build/notices.ts";

const root = mkdtempSync(join(tmpdir(), "migratectl-notices-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function packageAt(folder: string, manifest: object, files: Readonly<Record<string, string>> = {}): string {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, "package.json"), JSON.stringify(manifest));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, folder, name), text);
  return `${folder}/index.js`;
}

const bundled = (...inputs: readonly string[]) =>
  bundledPackages(root, { outputs: {}, inputs: Object.fromEntries(inputs.map((path) => [path, { bytes: 1, imports: [] }])) });

describe("the notices of bundled packages", () => {
  it("name each package once with its version and licence, nested and scoped ones too, and pass on licence and notice", () => {
    const mit = { LICENSE: "Copyright (c) A\n\nPermission is granted" };
    const text = thirdPartyNotices(
      bundled(
        packageAt("node_modules/one", { name: "one", version: "1.0.0", license: "MIT" }, mit),
        "node_modules/one/other.js",
        packageAt("node_modules/@scope/two", { name: "@scope/two", version: "2.0.0", license: "MIT" }, mit),
        packageAt(
          "node_modules/one/node_modules/three",
          { name: "three", version: "3.0.0", license: "Apache-2.0" },
          { "LICENSE.txt": "Apache", NOTICE: "Copyright B" },
        ),
        "src/cli/main.ts",
      ),
    );
    expect(text).toContain("@scope/two 2.0.0 (MIT)\none 1.0.0 (MIT)\n\nCopyright (c) A");
    expect(text).toContain("three 3.0.0 (Apache-2.0)\n\nApache\n\nCopyright B\n");
    expect(text.match(/one 1\.0\.0/g)).toHaveLength(1);
  });

  it("name the author and the licence of a package that brings no text", () => {
    const [bare] = bundled(packageAt("node_modules/bare", { name: "bare", version: "1.0.0", license: "ISC", author: { name: "C" } }));
    expect(thirdPartyNotices(bare === undefined ? [] : [bare])).toContain("bare 1.0.0 (ISC)\n\nCopyright (c) C\n\nLicensed under ISC.");
  });

  it("are refused for a package that names no licence: it must not be bundled", () => {
    expect(() => bundled(packageAt("node_modules/none", { name: "none", version: "1.0.0" }))).toThrow("none names no licence");
  });
});
