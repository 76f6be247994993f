import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { attemptInside } from "../sandbox/index.ts";
import { cli, howItEnded, kubectl, migratectl, root } from "./support/site.ts";

const site = inject("site");
const { registry } = site.sandbox;
if (registry === null) throw new Error("the sandbox has no registry");

/** The demo on a cluster that is there, as `npm run demo -- --context NAME --registry HOST` runs it. */
async function demo(...flags: readonly string[]) {
  const context = (await kubectl(site, "config", "current-context")).trim();
  return await attemptInside(site.sandbox, [
    process.execPath,
    `${root}/scripts/demo.ts`,
    ...["--context", context, "--registry", `${registry?.host}/demo`, "--profile", "trial"],
    ...["--registry-username", registry?.username ?? "", "--registry-ca", registry?.caFile ?? "", ...flags],
  ]);
}

// Another file's uninstall leaves the namespace, which is the owner's to delete.
beforeAll(async () => void (await kubectl(site, "delete", "namespace", "migrate-platform", "--ignore-not-found")));
afterAll(async () => {
  await migratectl(site, ["uninstall", "--delete-data", "--confirm", "migrate-platform", "--yes"]);
  await kubectl(site, "delete", "namespace", "migrate-platform", "--ignore-not-found");
});

describe("the demo on a cluster that is there", () => {
  it("fails, with the status of the command that failed, when one of its steps does", async () => {
    const ended = await demo("--registry-password-file", "/dev/null");
    expect(ended.code, howItEnded(ended)).toBe(2);
    expect(ended.stderr).toMatch(/SECRET_UNAVAILABLE[\s\S]*The demo failed: migratectl install .* ended with 2/);
    expect(ended.stdout).not.toContain("$ migratectl smoke");
    await expect(kubectl(site, "get", "namespace", "migrate-platform")).rejects.toThrow(/NotFound/);
  });

  it("shows each command as typed, and ends by saying what runs where, how to look at it and how to end it", async () => {
    const ended = await demo("--registry-password-file", registry?.passwordFile ?? "");
    expect(ended.code, howItEnded(ended)).toBe(0);
    for (const command of ["preflight", "install --airgap", "smoke", "status"]) expect(ended.stdout).toContain(`$ migratectl ${command}`);
    expect(ended.stdout).toMatch(/runs .*the platform 1\.0\.0 in namespace migrate-platform/);
    const end = /^ +end +(.+)$/m.exec(ended.stdout)?.[1] ?? "";
    expect(end).toMatch(/^bin\/run\.js uninstall --context .* --delete-data$/);
    const args = end.split(" ").slice(1);
    const gone = await attemptInside(site.sandbox, [process.execPath, cli, ...args, "--confirm", "migrate-platform", "--yes"]);
    expect(gone.code, howItEnded(gone)).toBe(0);
  });
});
