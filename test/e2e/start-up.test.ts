import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cli, root } from "./support/site.ts";

const run = (...args: readonly string[]): string =>
  execFileSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, NO_COLOR: "1", OCLIF_COLUMNS: "100" } });
const version = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string }).version;

describe("starting migratectl", () => {
  it("answers --help from the build with the very text that the CLI makes", () => {
    const made = run(join(root, "dist/main.js"), "--help");
    expect(run(cli, "--help")).toBe(made.replaceAll(/ \S+-\S+ node-v\S+/g, ""));
    expect(run(cli)).toBe(run(cli, "--help"));
  });

  it("answers --version with the version of package.json", () => {
    expect(run(cli, "--version")).toBe(`migratectl/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
  });

  it("gives every command a summary, examples and the global flags in its help", () => {
    const commands = readFileSync(join(root, "docs/commands/README.md"), "utf8").matchAll(/\| \[`([^`]+)`\]/g);
    const ids = [...commands].map(([, id]) => id ?? "");
    expect(ids.length).toBeGreaterThan(8);
    for (const id of ids) {
      const help = run(cli, ...id.split(" "), "--help");
      expect(help, id).toMatch(/EXAMPLES/);
      expect(help, id).toMatch(/--log-level/);
    }
  });

  it("tells an unknown flag with exit 2, without a stack trace, as text and as one JSON document", () => {
    const plain = spawnSync(process.execPath, [cli, "status", "--nonsense"], { encoding: "utf8" });
    expect(plain.status).toBe(2);
    expect(plain.stdout).toBe("");
    expect(plain.stderr).toMatch(/USAGE.*--nonsense/);
    expect(plain.stderr).not.toMatch(/\n\s+at /);
    const json = spawnSync(process.execPath, [cli, "status", "--nonsense", "--json"], { encoding: "utf8" });
    expect(json.status).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "USAGE", exit: 2 } });
  });

  it("runs under an older Node by finding the one it brings", () => {
    const older = ["/usr/bin/node", "/usr/local/bin/node"].find((path) =>
      /^v(18|20|22)\./.test(spawnSync(path, ["--version"], { encoding: "utf8" }).stdout ?? ""),
    );
    if (older === undefined)
      throw new Error("this machine has no Node older than 24 at /usr/bin/node or /usr/local/bin/node to test the version gate with");
    const ended = spawnSync(older, [cli, "status", "--kubeconfig", "/nonexistent"], { encoding: "utf8" });
    expect(ended.stderr).toMatch(/KUBECONFIG_MISSING/);
    expect(ended.status).toBe(2);
  });
});
