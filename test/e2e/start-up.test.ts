import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { commands, topics } from "../../src/cli/commands.ts";
import { helpText, helpWidth } from "../../src/cli/help.ts";
import { silentCluster } from "../unit/cli/silent-cluster.ts";
import { cli, root } from "./support/site.ts";

const folder = mkdtempSync(join(tmpdir(), "migratectl-start-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]): string => execFileSync(process.execPath, args, { encoding: "utf8" });
const version = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string }).version;

/** A Node that is too old for us and new enough for bin/run.js. */
function olderNode(): string {
  const found = ["/usr/bin/node", "/usr/local/bin/node"].find((path) =>
    /^v(18|20|22)\./.test(spawnSync(path, ["--version"], { encoding: "utf8" }).stdout ?? ""),
  );
  if (found === undefined)
    throw new Error("this machine has no Node older than 24 at /usr/bin/node or /usr/local/bin/node to test the version gate with");
  return found;
}

describe("starting migratectl", () => {
  it("answers every --help from the build with the very text that the CLI makes", async () => {
    for (const subject of ["", ...Object.keys(topics), ...Object.keys(commands)]) {
      const words = subject.split(" ").filter((word) => word !== "");
      const page = join(root, "dist/help", `${subject === "" ? "migratectl" : words.join("-")}.txt`);
      expect(existsSync(page), page).toBe(true);
      const text = await helpText(subject, helpWidth);
      expect(readFileSync(page, "utf8"), subject).toBe(text);
      expect(run(cli, ...words, "--help"), subject).toBe(text);
    }
    expect(run(cli)).toBe(run(cli, "--help"));
    expect(run(cli, "help", "bundle", "verify")).toBe(run(join(root, "dist/main.js"), "bundle", "verify", "-h"));
  });

  it("answers --version with the version of package.json, and so does the CLI", () => {
    const line = `migratectl/${version} ${process.platform}-${process.arch} node-${process.version}\n`;
    expect([run(cli, "--version"), run(cli, "version"), run(join(root, "dist/main.js"), "--version")]).toEqual([line, line, line]);
  });

  it("tells unknown flags and commands with exit 2, without a stack trace, as text and as one JSON document", () => {
    for (const [args, says] of [
      [["status", "--nonsense"], /USAGE.*--nonsense/],
      [["instal"], /USAGE.*"instal".*migratectl install/s],
    ] as const) {
      const plain = spawnSync(process.execPath, [cli, ...args], { encoding: "utf8" });
      expect(plain).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(says) });
      expect(plain.stderr).not.toMatch(/\n\s+at /);
      const json = spawnSync(process.execPath, [cli, ...args, "--json"], { encoding: "utf8" });
      expect(json).toMatchObject({ status: 2, stderr: "" });
      expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "USAGE", exit: 2 } });
    }
  });

  it("says that its output cannot be written, without a stack trace", () => {
    const full = openSync("/dev/full", "w");
    try {
      for (const [args, code] of [
        [["configure", "--yes", "--dry-run", "--registry", "r.example", "--ingress-host", "a.example"], "DISK_FULL"],
        [["version", "--json"], "DISK_FULL"],
        [["--help"], "FILE_UNWRITABLE"],
      ] as const) {
        const { status, stderr } = spawnSync(process.execPath, [cli, ...args], {
          encoding: "utf8",
          cwd: folder,
          stdio: ["ignore", full, "pipe"],
        });
        expect(stderr, args.join(" ")).toMatch(new RegExp(`^error ${code} {2}`));
        expect(stderr).not.toMatch(/\n\s+at /);
        expect(status).toBe(code === "DISK_FULL" ? 5 : 2);
      }
    } finally {
      closeSync(full);
    }
  });

  it("loads the one command that is asked for, and no adapter for a command line that is refused", () => {
    const { stderr } = spawnSync(process.execPath, [cli, "status", "--nonsense"], {
      encoding: "utf8",
      env: { ...process.env, NODE_DEBUG: "esm" },
    });
    const loaded = [...stderr.matchAll(/Storing file:\/\/\S+\/dist\/([\w-]+)-[A-Z0-9]{8}\.js /g)].map(([, name]) => name);
    const others = Object.keys(commands).map((name) => name.split(" ").at(-1) ?? name);
    expect(loaded).toContain("status");
    expect(loaded.filter((name) => name !== "status" && others.includes(name ?? ""))).toEqual([]);
    expect(loaded.filter((name) => /api-client|helm|handlebars|live-progress|prompts/.test(name ?? ""))).toEqual([]);
  });
});

describe("starting migratectl under an older Node", () => {
  it("finds the Node that it brings", () => {
    const ended = spawnSync(olderNode(), [cli, "status", "--kubeconfig", "/nonexistent"], { encoding: "utf8" });
    expect(ended.stderr).toMatch(/KUBECONFIG_MISSING/);
    expect(ended.status).toBe(2);
  });

  it("passes on that the connection was lost, and ends as the command does", async () => {
    const silent = await silentCluster();
    try {
      const child = spawn(olderNode(), [cli, "status", "--kubeconfig", silent.kubeconfig, "--json"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let stdout = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      await silent.asked();
      child.kill("SIGHUP");
      const [code] = await once(child, "close");
      expect(code).toBe(130);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: "CANCELLED" } });
    } finally {
      await silent.stop();
    }
  });

  it("says what to do where that Node is not installed, as text and as a document", () => {
    const alone = join(folder, "run.mjs");
    copyFileSync(cli, alone);
    const plain = spawnSync(olderNode(), [alone, "status"], { encoding: "utf8" });
    expect(plain).toMatchObject({ status: 2, stdout: "" });
    expect(plain.stderr).toMatch(/^error NODE_TOO_OLD {2}migratectl needs Node 24\.15 or newer; this is .*\n {2}why .*\n {2}fix .*\n$/);
    const json = spawnSync(olderNode(), [alone, "status", "--json"], { encoding: "utf8" });
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "NODE_TOO_OLD", exit: 2 } });
    expect(json.status).toBe(2);
  });
});
