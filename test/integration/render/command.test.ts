import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { imageReferences, outsideReferences } from "../../../src/domain/manifest/images.ts";
import { sampleRelease } from "../../fakes/sample-release.ts";
import { ensureToolchain } from "../../sandbox/index.ts";

const root = join(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "render-"));
let binary = "";

beforeAll(async () => {
  binary = join((await ensureToolchain({ purposes: ["bundle"] })).binDir, "helm");
  writeFileSync(join(folder, "images.lock.json"), JSON.stringify(sampleRelease.images));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const usual = [
  "--release",
  join(root, "bundles/1.0.0"),
  "--lock",
  join(folder, "images.lock.json"),
  "--registry",
  "registry.client.example:5000/platform",
  "--ingress-host",
  "migrate.client.example",
  "--kube-version",
  "1.34.4",
];

function render(args: readonly string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: "/nonexistent", MIGRATECTL_HELM: binary, ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "src/cli/main.ts"), "render", ...args], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const read = (...path: readonly string[]) => readFileSync(join(folder, ...path), "utf8");

describe("migratectl render with the real chart and the real helm", () => {
  test("writes values, manifests and documents, and the same bytes the second time", () => {
    for (const out of ["first", "second"]) {
      const { status, stdout, stderr } = render([...usual, "--out", join(folder, out)]);
      expect(status, stderr).toBe(0);
      expect(stdout).toContain("7 images, 7 of them by digest");
    }
    expect(readdirSync(join(folder, "first")).sort()).toEqual(["configuration.md", "manifests.yaml", "operations.md", "values.yaml"]);
    for (const name of readdirSync(join(folder, "first"))) expect(read("second", name), name).toBe(read("first", name));
  });

  test("tells in the operations manual every claim that there will be, with its size", () => {
    const claims = parseAllDocuments(read("first", "manifests.yaml"))
      .map((document) => document.toJS() as { readonly kind?: string; readonly metadata?: { readonly name: string } } | null)
      .flatMap((object) => (object?.kind === "PersistentVolumeClaim" ? [object.metadata?.name ?? ""] : []));
    expect(claims).toContain("data-postgres-0");
    const manual = read("first", "operations.md");
    for (const name of [...claims, "data-redis-N"]) expect(manual, name).toMatch(new RegExp(`\\| .${name}. \\| \\d+Gi \\| \\d \\|`));
  });

  test("lets no image come from anywhere but the client's registry", () => {
    const manifests = read("first", "manifests.yaml");
    expect(imageReferences(manifests)).toHaveLength(sampleRelease.images.length);
    expect(outsideReferences(manifests, "registry.client.example:5000/platform")).toEqual([]);
    expect(outsideReferences(manifests, "registry.client.example:5000/other")).toHaveLength(sampleRelease.images.length);
  });

  test("renders no Secret, whatever the profile and the way in", () => {
    const settings = [
      ["--profile", "trial"],
      ["--profile", "large", "--tls-secret", "x"],
      ["--profile", "standard", "--no-ingress"],
      ["--keda", "on", "--api-version", "keda.sh/v1alpha1"],
      ["--llm-url", "https://llm.example/v1", "--llm-egress-cidr", "203.0.113.0/24"],
    ];
    for (const more of settings) {
      const out = join(folder, `profile-${settings.indexOf(more)}`);
      const { status, stderr } = render([...usual, ...more, "--out", out]);
      expect(status, `${more.join(" ")}: ${stderr}`).toBe(0);
      expect(readFileSync(join(out, "manifests.yaml"), "utf8")).not.toMatch(/^kind: Secret$/m);
    }
    expect(read("profile-3", "manifests.yaml")).toContain("kind: ScaledObject");
    expect(read("profile-0", "operations.md")).toContain("Evaluation only");
  });

  test("takes chart values that no question covers, and refuses those that the chart does not know", () => {
    expect(render([...usual, "--set", "worker.concurrency=7", "--out", join(folder, "set")]).status).toBe(0);
    expect(parse(read("set", "values.yaml")).worker.concurrency).toBe(7);
    const { status, stderr } = render([...usual, "--set", "wrker.concurrency=7", "--out", join(folder, "unset")]);
    expect(status).toBe(2);
    expect(stderr).toContain("CHART_REFUSED");
    expect(stderr).toContain("wrker");
  });

  test("with --dry-run and --json tells what it would write in one document, and writes nothing", () => {
    const { status, stdout } = render([...usual, "--dry-run", "--json", "--out", join(folder, "dry")]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "Render", written: false, profile: "small", release: { version: "1.0.0" } });
    expect(readdirSync(folder)).not.toContain("dry");
  });
});

describe("migratectl render with something missing", () => {
  const out = ["--out", join(folder, "none")];
  const withoutVersion = usual.slice(0, usual.indexOf("--kube-version"));

  test.each([
    ["no release", ["--registry", "r.example", "--ingress-host", "a.example", ...out], {}, "ANSWERS_MISSING", "--bundle FILE"],
    ["no answers", ["--yes", ...usual.slice(0, 4), ...out], {}, "ANSWERS_MISSING", "--ingress-host"],
    ["neither a Kubernetes version nor a cluster", [...withoutVersion, ...out], {}, "ANSWERS_MISSING", "--kube-version"],
    ["no helm", [...usual, ...out], { MIGRATECTL_HELM: "/none/helm" }, "HELM_MISSING", "/none/helm"],
    ["no answers file of that name", ["--answers", "none.yaml", ...usual, ...out], {}, "FILE_UNREADABLE", "migratectl configure"],
    ["no place to write", [...usual, "--out", "/dev/null/none"], {}, "FILE_UNWRITABLE", "/dev/null/none"],
  ] as const)("says what to do about %s", (_what, args, environment, code, says) => {
    const { status, stdout, stderr } = render(args, environment);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(code);
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
