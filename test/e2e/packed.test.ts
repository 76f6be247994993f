import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MadeBundle, makeBundle } from "../fakes/made-bundle.ts";
import { sampleRelease } from "../fakes/sample-release.ts";
import { ensureToolchain } from "../sandbox/index.ts";
import { root } from "./support/site.ts";

const folder = mkdtempSync(join(tmpdir(), "migratectl-pack-"));
const installed = join(folder, "node_modules/migratectl");
let packed: readonly string[] = [];
let helm = "";
let bundle: MadeBundle;

beforeAll(async () => {
  helm = join((await ensureToolchain({ purposes: ["bundle"] })).binDir, "helm");
  bundle = await makeBundle({ seed: 21, layerSize: 3_000_000 });
  const [tarball] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root, encoding: "utf8" }),
  ) as readonly { readonly filename: string; readonly files: readonly { readonly path: string }[] }[];
  packed = (tarball?.files ?? []).map(({ path }) => path).sort();
  execFileSync("npm", ["init", "-y"], { cwd: folder, stdio: "ignore" });
  execFileSync("npm", ["install", "--no-audit", "--no-fund", join(folder, tarball?.filename ?? "")], { cwd: folder, stdio: "ignore" });
});
afterAll(() => {
  bundle.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the installed command, away from the clone, with a cache folder of its own. */
function migratectl(args: readonly string[], environment: Record<string, string> = {}) {
  return spawnSync(join(folder, "node_modules/.bin/migratectl"), args, {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: folder, XDG_CACHE_HOME: join(folder, "cache"), MIGRATECTL_HELM: helm, ...environment },
  });
}

const filesBelow = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(path, join(parentPath, name)))
    .sort();

describe("the package", () => {
  it("holds what runs and no more", () => {
    const templates = execFileSync("git", ["ls-files", "templates"], { cwd: root, encoding: "utf8" }).trim().split("\n");
    const built = packed.filter((path) => path.startsWith("dist/"));
    expect(packed).toEqual(["LICENSE", "README.md", "bin/run.js", "package.json", ...templates, ...built].sort());
    expect(built).toEqual(filesBelow(join(root, "dist")).map((path) => `dist/${path}`));
    const known =
      /^dist\/(?:main|hash-worker|compiled-templates|(?:chunk|[a-z0-9.-]+)-[A-Z0-9]{8})\.js$|^dist\/help\/[a-z-]+\.txt$|^dist\/THIRD-PARTY\.txt$/;
    expect(built.filter((path) => !known.test(path))).toEqual([]);
    expect(readdirSync(join(folder, "node_modules")).length, "installed packages").toBeLessThan(20);
    const code = built.filter((path) => path.endsWith(".js")).map((path) => readFileSync(join(root, path), "utf8"));
    expect(
      code.filter((text) => text.includes("client-node/dist/gen/models/")),
      "API models, which nothing of ours uses",
    ).toEqual([]);
    expect(
      code.filter((text) => /^import .* from "(?:node:)?http";/m.test(text)),
      "what loads a second HTTP client",
    ).toEqual([]);
  });

  it("passes on licence and copyright of every package whose code it holds", () => {
    const notices = readFileSync(join(installed, "dist/THIRD-PARTY.txt"), "utf8");
    const code = filesBelow(join(installed, "dist"))
      .filter((path) => path.endsWith(".js"))
      .map((path) => readFileSync(join(installed, "dist", path), "utf8"));
    const names = new Set(
      code.flatMap((text) => [...text.matchAll(/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g)].map(([, name]) => name ?? "")),
    );
    expect(names.size).toBeGreaterThan(30);
    for (const name of names) expect(notices).toMatch(new RegExp(`^${name.replaceAll(".", "\\.")} \\d\\S* \\(\\S.*\\)$`, "m"));
    for (const part of notices.split(/^={78}$/m).slice(1)) expect(part).toMatch(/copyright|permission/i);
  });

  it("tells its version and its help", () => {
    expect(migratectl(["--version"]).stdout).toMatch(/^migratectl\//);
    expect(migratectl(["render", "--help"]).stdout).toMatch(/EXAMPLES/);
  });

  it("renders the platform, with the templates that it brings, as the clone does", () => {
    writeFileSync(join(folder, "images.lock.json"), JSON.stringify(sampleRelease.images));
    const args = (out: string) => [
      "render",
      ...["--release", join(root, "bundles/1.0.0"), "--lock", join(folder, "images.lock.json"), "--out", join(folder, out)],
      ...["--registry", "registry.client.example:5000", "--ingress-host", "migrate.client.example", "--kube-version", "1.34.4", "--yes"],
    ];
    const ended = migratectl(args("installed"));
    expect(ended.status, ended.stderr).toBe(0);
    execFileSync(process.execPath, [join(root, "src/cli/main.ts"), ...args("clone")], {
      env: { ...process.env, MIGRATECTL_HELM: helm },
      stdio: "ignore",
    });
    expect(filesBelow(join(folder, "installed"))).toEqual(["configuration.md", "manifests.yaml", "operations.md", "values.yaml"]);
    for (const name of filesBelow(join(folder, "installed")))
      expect(readFileSync(join(folder, "installed", name), "utf8"), name).toBe(readFileSync(join(folder, "clone", name), "utf8"));
  });

  it("verifies a bundle, with the worker that it brings, and finds what was altered", () => {
    const intact = migratectl(["bundle", "verify", bundle.path]);
    expect(intact).toMatchObject({ status: 0, stdout: expect.stringContaining("intact") });
    const altered = join(folder, "altered.bundle");
    const content = readFileSync(bundle.path);
    content.writeUInt8(content.readUInt8(4_000_000) ^ 1, 4_000_000);
    writeFileSync(altered, content);
    expect(migratectl(["bundle", "verify", altered])).toMatchObject({ status: 7, stderr: expect.stringContaining("BUNDLE_ALTERED") });
  });

  it("keeps compiled code in the person's cache folder, and nothing in its own, which may be read-only", () => {
    const before = filesBelow(installed);
    const cache = join(folder, "own-cache");
    expect(migratectl(["status", "--kubeconfig", "/nonexistent"], { XDG_CACHE_HOME: cache }).status).toBe(2);
    expect(filesBelow(cache).filter((path) => path.startsWith("migratectl/node-compile-cache/")).length).toBeGreaterThan(10);
    expect(filesBelow(installed)).toEqual(before);
  });

  it("runs where no cache folder can be made", () => {
    mkdirSync(join(folder, "blocked"), { recursive: true });
    writeFileSync(join(folder, "blocked/migratectl"), "a file in the way");
    const ended = migratectl(["status", "--kubeconfig", "/nonexistent"], { XDG_CACHE_HOME: join(folder, "blocked") });
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringMatching(/^error KUBECONFIG_MISSING/) });
  });
});
