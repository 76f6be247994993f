import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyRecord } from "../../../src/domain/plan/record.ts";
import type { Release } from "../../../src/domain/release/release.ts";
import { recordName } from "../../../src/workflow/run/record-book.ts";
import { type MadeBundle, makeBundle, rewriteBundle } from "../../fakes/made-bundle.ts";
import { captured } from "./captured.ts";
import { type EmptyCluster, emptyCluster } from "./empty-cluster.ts";

const v1 = readFileSync(new URL("../../fixtures/answers/v1.yaml", import.meta.url), "utf8");
const folder = mkdtempSync(join(tmpdir(), "migratectl-answers-version-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function answersFile(name: string, text = v1): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const counted = (text: string, what: string): number => text.split(what).length - 1;
const readAsV2 = "version migratectl/v1, read as migratectl/v2";

describe("an answers file of version 1", () => {
  test("is read, told once, and what to do about it", async () => {
    const path = answersFile("render.yaml");
    const line = [
      "render",
      "--out",
      join(folder, "out"),
      "--release",
      "bundles/1.0.0",
      "--answers",
      path,
      "--kube-version",
      "1.34.4",
      "--dry-run",
    ];
    const { stderr } = await captured(line);
    expect(counted(stderr, readAsV2)).toBe(1);
    expect(stderr).toContain(`${path}: ${readAsV2}; \`migratectl configure --answers ${path}\` rewrites it`);
    for (const text of ["storage.backup is now backup.repository.size", "backup.retentionFull is gone", "backup.timeZone is new: Etc/UTC"])
      expect(stderr).toContain(text);
    expect(readFileSync(path, "utf8")).toBe(v1);
  });

  test("is rewritten by configure with its comments, once", async () => {
    const path = answersFile("configure.yaml");
    const first = await captured(["configure", "--yes", "--answers", path]);
    expect(first.code, first.stderr).toBe(0);
    expect(counted(first.stderr, readAsV2)).toBe(1);
    const written = readFileSync(path, "utf8");
    expect(written).toContain("version: migratectl/v2 # as Ann wrote it");
    expect(written).toContain("size: 500Gi # not larger");
    const second = await captured(["configure", "--yes", "--answers", path]);
    expect(second.stderr).not.toContain("version");
    expect(second.stdout).toContain("nothing was written");
    expect(readFileSync(path, "utf8")).toBe(written);
  });

  test("that says two ways what is kept may be overruled by a flag either way", async () => {
    const path = answersFile("flag.yaml");
    const { code, stdout, stderr } = await captured(["configure", "--yes", "--dry-run", "--answers", path, "--backup-retention-full", "6"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("retentionFull: 6");
    expect(stdout).not.toContain("retentionDays");
  });

  test("of a version to come is refused by every command", async () => {
    const path = answersFile("newer.yaml", v1.replace("migratectl/v1", "migratectl/v3"));
    for (const command of [["configure", "--yes"], ["status"], ["preflight"]])
      expect((await captured([...command, "--answers", path])).stderr, command.join(" ")).toMatch(/^error ANSWERS_VERSION /);
  });
});

describe("an upgrade with the answers that the cluster keeps", () => {
  let made: MadeBundle;
  let cluster: EmptyCluster;
  const kept = {
    version: "migratectl/v1",
    cluster: { context: "of-ann", kubeVersion: "1.24.0" },
    release: { name: "shop", namespace: "shop", createNamespace: true },
    registry: { host: "r.example" },
    ingress: { host: "a.example" },
    storage: { backup: "500Gi" },
    backup: { retentionFull: 4, retentionDays: 30 },
  };
  beforeAll(async () => {
    made = await makeBundle({ seed: 12, layerSize: 2000 });
    const data = { "record.json": JSON.stringify(emptyRecord("shop", "u-1")), "answers.json": JSON.stringify(kept) };
    const record = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: recordName, namespace: "shop", resourceVersion: "1" }, data };
    cluster = await emptyCluster({ configmaps: [record] });
  });
  afterAll(async () => {
    made.remove();
    await cluster.stop();
  });

  const upgradeTo = (bundle: string, ...more: readonly string[]) =>
    captured(["upgrade", "--bundle", bundle, "-n", "shop", "--kubeconfig", cluster.kubeconfig, "--yes", "--dry-run", ...more], {
      MIGRATECTL_HELM: join(folder, "no-helm"),
    });
  const withNotes = (notes: Release["notes"]) =>
    rewriteBundle(made, (manifest) => ({
      ...manifest,
      ...(manifest.release === undefined ? {} : { release: { ...manifest.release, notes } }),
    }));

  test("reads them as version 2, whatever their writer's context was called, and tells what goes", async () => {
    const { stderr } = await upgradeTo(made.path);
    expect(
      counted(stderr, `the answers that namespace shop keeps: ${readAsV2}; the next install or upgrade keeps them as migratectl/v2`),
    ).toBe(1);
    expect(stderr).toContain("backup.retentionFull is gone");
    // Helm is what comes after the answers.
    expect(stderr).toContain("error HELM_MISSING");
  });

  test("is refused without a terminal, naming every answer that the release needs, before anything is touched", async () => {
    const bundle = await withNotes([
      { text: "Assessments ask a model.", answers: ["llm.baseUrl", "llm.egressCidrs"] },
      { text: "Backups may be larger.", answers: ["storage.backup"] },
    ]);
    const { code, stderr } = await upgradeTo(bundle);
    expect(code).toBe(2);
    expect(stderr).toContain("error ANSWERS_MISSING  2 answers are missing");
    expect(stderr).toMatch(/--llm-url URL +MIGRATECTL_LLM_URL/);
    expect(stderr).toMatch(/--llm-egress-cidr CIDR/);
    expect(stderr).toContain("Assessments ask a model.");
    expect(stderr).not.toContain("--backup-size");
    expect(cluster.writes).toEqual([]);
  });

  test("goes on once they are given", async () => {
    const bundle = await withNotes([{ text: "Assessments ask a model.", answers: ["llm.baseUrl"] }]);
    expect((await upgradeTo(bundle, "--llm-url", "https://llm.example")).stderr).toContain("error HELM_MISSING");
  });

  test("is refused where the release needs an answer that this migratectl does not know", async () => {
    const bundle = await withNotes([{ text: "Shops.", answers: ["shop.tax"] }]);
    expect((await upgradeTo(bundle)).stderr).toContain("error BUNDLE_NEWER");
  });
});
