import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installRights } from "../../../src/adapters/kubernetes/install-rights.ts";
import { objectsRights } from "../../../src/adapters/kubernetes/objects-rights.ts";
import { workloadsRights } from "../../../src/adapters/kubernetes/workloads/rights.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { sampleRelease } from "../../fakes/sample-release.ts";
import { Installer, namesOf, widest } from "./installer.ts";

const root = join(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "migratectl-rights-"));
let installer: Installer;

beforeAll(async () => {
  installer = await Installer.start("rights-whole");
}, 180_000);
afterAll(async () => {
  await installer?.stop();
  rmSync(folder, { recursive: true });
});

/** The chart of this clone as a release, its images pinned to content that nobody pulls: there is no kubelet. */
function releaseFolder(): string {
  const spec = readFileSync(join(root, "bundles/1.0.0/release.yaml"), "utf8").replace(/path: .*/, `path: ${join(root, "templates/chart")}`);
  writeFileSync(join(folder, "release.yaml"), spec);
  writeFileSync(join(folder, "images.lock.json"), JSON.stringify(sampleRelease.images));
  return folder;
}

function migratectl(...args: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  const env = { ...process.env, PATH: `${installer.plane.sandbox.binDir}:${process.env["PATH"]}`, HOME: folder, XDG_STATE_HOME: folder };
  return new Promise((resolve) =>
    execFile(process.execPath, [join(root, "src/cli/main.ts"), ...args], { env, cwd: folder, maxBuffer: 2 ** 24 }, (error, _, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stderr }),
    ),
  );
}

describe("a user with the rights that preflight asks for, and no other", () => {
  it("installs and takes down as far as it goes without a kubelet, and uses each of them", async () => {
    const declared = installRights(widest);
    await installer.grant(declared);
    const registry = await FakeRegistry.start();
    const skips = [
      ...["node-conditions", "node-architecture", "supported-minimum", "capacity-fit", "pod-slots"],
      ...["storage-class", "storage-room", "ingress-class", "registry"],
    ].flatMap((check) => ["--skip-check", `${check}=there is no node`]);
    const place = ["--kubeconfig", installer.api.kubeconfig, "-n", "shop", "--release-name", "shop", "--yes"];
    const target = ["--registry", `${registry.host}/x`, "--plain-http", "--ingress-host", "shop.example", "--scope", "cluster"];
    installer.api.seen.clear();
    const installed = await migratectl("install", "--release", releaseFolder(), ...place, ...target, ...skips, "--timeout", "30s");
    const removed = await migratectl("uninstall", ...place, "--delete-data", "--confirm", "shop", "--timeout", "20s");
    await registry.close();
    // No pod ever starts, and no controller lets go of the claims: both end where they wait for that.
    expect(installed.stderr).toMatch(/ok {2}Apply the chart\n\.\.\. Wait until everything is ready\n.*DEADLINE/s);
    expect(removed.stderr).toMatch(/ok {2}Wait until all pods are gone/);

    const refused = [...installer.api.seen].filter(([, { refused: times }]) => times > 0).map(([right]) => right);
    const missable = namesOf([...Object.values(objectsRights), ...Object.values(workloadsRights)].flat().filter((right) => !right.vital));
    const factsOnly =
      /^(list|get) (namespaces|nodes|pods|storageclasses|csi\w+|persistentvolumes|ingressclasses|priorityclasses|leases|resourcequotas|limitranges)\b/;
    expect(refused.filter((right) => !missable.has(right) && !factsOnly.test(right))).toEqual([]);

    const used = new Set([...installer.api.seen.keys()]);
    const unused = [...namesOf(declared.filter(({ vital }) => vital))].filter((right) => !used.has(right));
    // helm 4 makes objects by applying them, which is a patch on the wire; the API server asks for create all the same.
    const made = unused.filter((right) => used.has(right.replace(/^create /, "patch ")));
    expect(made.every((right) => right.startsWith("create "))).toBe(true);
    // Only a pod that runs can be tunnelled to.
    expect(unused.filter((right) => !made.includes(right)).sort()).toEqual(["create pods/portforward", "get pods/portforward"]);
  }, 120_000);
});
