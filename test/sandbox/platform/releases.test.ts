import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { platformImages } from "./images.ts";
import { platformFolder, platformRelease, releaseVersions } from "./releases.ts";

const describedSchema = z.object({
  version: z.string(),
  schema: z.object({ from: z.string().default(""), to: z.string() }),
  migrations: z.array(z.object({ id: z.string() })),
  images: z.array(z.string()),
});

test.each(releaseVersions)("the release %s that is bundled is the one that is built: schema revision, migrations, images", (version) => {
  const text = readFileSync(join(platformFolder, "../../../bundles", version, "release.yaml"), "utf8");
  const described = describedSchema.parse(parse(text));
  const release = platformRelease(version);
  expect(described.version).toBe(version);
  expect(described.schema.to).toBe(release.schemaRevision);
  const built = release.migrations.map((file) => file.slice(0, file.indexOf("_")));
  expect(described.migrations.map(({ id }) => id)).toEqual(built.filter((id) => id > described.schema.from));
  expect(described.images.toSorted()).toEqual(
    platformImages(release)
      .map(({ name }) => name)
      .toSorted(),
  );
});

test("a release that is not known is refused with the names of those that are", () => {
  expect(() => platformRelease("9.9.9")).toThrow("no release 9.9.9; known: 1.0.0, 1.1.0, 2.0.0");
});
