import { readdirSync } from "node:fs";
import { join } from "node:path";
import { satisfies } from "semver";
import { describe, expect, it } from "vitest";
import { releaseFolder } from "../../../src/adapters/oci-layout/release-folder.ts";

const bundles = join(import.meta.dirname, "../../../bundles");

describe("the releases under bundles/", () => {
  it("are valid, and each one's migrations start where the release before it ends", async () => {
    const releases = await Promise.all(
      readdirSync(bundles)
        .toSorted()
        .map((version) => releaseFolder.spec(join(bundles, version))),
    );
    expect(releases.map(({ version }) => version)).toEqual(["1.0.0", "1.1.0", "2.0.0"]);
    for (const [index, release] of releases.entries()) {
      const before = releases[index - 1];
      expect(release.schema.from, release.version).toBe(before?.schema.to);
      if (before !== undefined) expect(satisfies(before.version, release.upgradeFrom), release.version).toBe(true);
    }
  });

  it("say which migration the release before does not survive", async () => {
    const { migrations } = await releaseFolder.spec(join(bundles, "2.0.0"));
    expect(migrations).toEqual([{ id: "0004", kind: "contract", reversible: false }]);
  });
});
