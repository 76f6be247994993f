import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { known } from "../../../src/domain/reading.ts";
import type { Release } from "../../../src/domain/release/release.ts";
import { releaseAdvice } from "../../../src/workflow/configure/release-advice.ts";
import { type MadeBundle, makeBundle, rewriteBundle } from "../../fakes/made-bundle.ts";
import { OfferedCluster } from "../../fakes/offered-cluster.ts";
import { sampleRelease } from "../../fakes/sample-release.ts";
import { script } from "../../fakes/scripted-prompter.ts";
import { node } from "../capacity/cluster.ts";
import { captured } from "../cli/captured.ts";
import { type EmptyCluster, emptyCluster } from "../cli/empty-cluster.ts";
import { everything, usual, wizard } from "./scripted-wizard.ts";

const images = sampleRelease.images.map((image) => ({ ...image, platforms: ["linux/amd64"] }));
const release = (more: Partial<Release> = {}): Release => ({
  ...sampleRelease,
  version: "2.1.0",
  kubernetes: ">=1.24.0-0",
  notes: [],
  ...more,
  images,
});
const arm = node("a", "8", "32Gi", { architecture: "arm64" });

describe("the wizard for a release", () => {
  test("says which one it is before it asks anything, and nothing against a cluster that fits", async () => {
    const { prompter } = await wizard(everything, { release: releaseAdvice(release()) });
    expect(prompter.told.slice(0, 2)).toEqual(["These answers are for release 2.1.0.", "Kubernetes v1.34.4 answers."]);
    expect(prompter.told.join("\n")).not.toMatch(/wanted:/);
  });

  test("says what it has against the cluster as soon as that is chosen, with what to do, and goes on", async () => {
    const offers = new OfferedCluster({ offer: { version: "v1.22.3", nodes: known([arm]) } });
    const { prompter, answers } = await wizard(everything, { offers, release: releaseAdvice(release()) });
    expect(prompter.told.slice(1, 4)).toEqual([
      "Kubernetes v1.22.3 answers.",
      "Kubernetes version: v1.22.3; wanted: >=1.24.0-0, as release 2.1.0 asks. Upgrade the cluster, or take a release that supports this version.",
      "Node platforms: linux/arm64 (1 node); wanted: nodes of linux/amd64 (images of release 2.1.0). Add nodes of linux/amd64, or take a bundle with images for these.",
    ]);
    expect(answers.registry.host).toBe("registry.client.example");
  });

  test("does not take nodes that it may not see for good ones", async () => {
    const nodes = { kind: "denied", verb: "list", resource: "nodes", message: "no" } as const;
    const { prompter } = await wizard(everything, { offers: new OfferedCluster({ offer: { nodes } }), release: releaseAdvice(release()) });
    expect(prompter.told).toContainEqual(expect.stringMatching(/^Node platforms: no right to list nodes; .*Ask the cluster's owner/));
  });

  test("tells its notes, and asks on the short way, too, for the answers that it needs people to give", async () => {
    const notes = [{ text: "Backups are made at another hour.", answers: ["backup.full"] }];
    const { prompter } = await wizard([...everything, ...script([/^When do full/])], { release: releaseAdvice(release({ notes })) });
    expect(prompter.told[1]).toBe("Backups are made at another hour.");
  });

  test("goes on without a cluster that does not answer", async () => {
    const { prompter } = await wizard(
      everything.filter(({ asks }) => !asks.test("Storage class")),
      { offers: new OfferedCluster({ offer: "unreachable" }), release: releaseAdvice(release()) },
    );
    expect(prompter.told[0]).toBe("These answers are for release 2.1.0.");
    expect(prompter.told.join("\n")).not.toMatch(/wanted:/);
  });

  test("asks nothing that a flag answers, as without one", async () => {
    const flags = { context: "test", profile: "small", registry: "r.example" };
    const [namespace, , , user, ca] = [usual.release[0], usual.release[1], usual.registry[0], usual.registry[1], usual.registry[2]];
    await wizard(script(usual.depth, namespace, user, ca, [/^Storage class/], ...usual.ingress, usual.llm), {
      flags,
      release: releaseAdvice(release()),
    });
  });
});

describe("configure --bundle", () => {
  const folder = mkdtempSync(join(tmpdir(), "migratectl-for-release-"));
  let made: MadeBundle;
  let cluster: EmptyCluster;
  beforeAll(async () => {
    made = await makeBundle({ seed: 11, layerSize: 2000 });
    const status = { conditions: [{ type: "Ready", status: "True" }], nodeInfo: { architecture: "s390x", operatingSystem: "linux" } };
    cluster = await emptyCluster({ nodes: [{ metadata: { name: "mainframe" }, spec: {}, status }] });
  });
  afterAll(async () => {
    made.remove();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const given = () => [
    ...["configure", "--yes", "--answers", join(folder, "m.yaml"), "--registry", "r.example", "--ingress-host", "a.example"],
    ...["--kubeconfig", cluster.kubeconfig],
  ];

  test("asks nothing with --yes, says what the release has against the cluster, and writes the answers all the same", async () => {
    const path = await rewriteBundle(made, (manifest) => ({
      ...manifest,
      ...(manifest.release === undefined ? {} : { release: { ...manifest.release, kubernetes: ">=1.99.0" } }),
    }));
    const { code, stderr } = await captured([...given(), "--bundle", path]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/These answers are for release 1\.\d+\.\d+/);
    expect(stderr).toMatch(/Kubernetes version: v1\.34\.4; wanted: >=1\.99\.0, as release .* asks\. Upgrade the cluster/);
    expect(stderr).toMatch(/Node platforms: linux\/s390x \(1 node\); wanted: nodes of linux\/amd64.*Add nodes of linux\/amd64/);
    expect(readFileSync(join(folder, "m.yaml"), "utf8")).toContain("host: r.example");
    expect(cluster.writes).toEqual([]);
  });

  test("takes the bundle from the environment, and writes where no cluster answers", async () => {
    const line = [...given().slice(0, -1), join(folder, "no-kubeconfig"), "--dry-run"];
    const { code, stderr } = await captured(line, { MIGRATECTL_BUNDLE: made.path });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("These answers are for release");
    expect(stderr).toContain("going on without");
  });

  test("asks no cluster when no bundle is named", async () => {
    const before = cluster.reads.length;
    expect((await captured([...given(), "--dry-run"])).code).toBe(0);
    expect(cluster.reads.length).toBe(before);
  });

  test("refuses a bundle that is truncated or none, before anything is asked or read", async () => {
    const [cut, foreign] = [join(folder, "cut"), join(folder, "foreign")];
    writeFileSync(cut, readFileSync(made.path).subarray(0, 5000));
    writeFileSync(foreign, "x".repeat(4096));
    const before = cluster.reads.length;
    for (const [path, codeWanted] of [
      [cut, "BUNDLE_TRUNCATED"],
      [foreign, "BUNDLE_INVALID"],
      [join(folder, "nothing"), "FILE_UNREADABLE"],
    ] as const) {
      const { stderr, stdout } = await captured(["configure", "--bundle", path, "--kubeconfig", cluster.kubeconfig]);
      expect(stderr).toMatch(new RegExp(`^error ${codeWanted} `));
      expect(stdout).toBe("");
    }
    expect(cluster.reads.length).toBe(before);
  });
});
