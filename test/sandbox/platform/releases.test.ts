import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { platformImages } from "./images.ts";
import { platformFolder, platformRelease, releaseVersions } from "./releases.ts";

test.each(releaseVersions)("the release %s that is bundled is the one that is built: its schema revision and its images", (version) => {
  const release = platformRelease(version);
  const described: unknown = parse(readFileSync(join(platformFolder, "../../../bundles", version, "release.yaml"), "utf8"));
  const images = platformImages(release).map(({ name }) => name);
  expect(described).toMatchObject({ version, schemaRevision: release.schemaRevision, images: expect.arrayContaining(images) });
  expect(described).toHaveProperty("images.length", images.length);
});

test("a release that is not known is refused with the names of those that are", () => {
  expect(() => platformRelease("9.9.9")).toThrow("no release 9.9.9; known: 1.0.0, 1.1.0, 2.0.0");
});
