import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** The folder that holds the platform's sources. */
export const platformFolder = import.meta.dirname;

const releaseSchema = z.strictObject({
  schemaRevision: z.string(),
  minimumSchemaRevision: z.string().nullable(),
  migrations: z.array(z.string()).readonly(),
  tags: z.record(z.string(), z.string()),
});

/** A release of the platform: which migrations it ships, the oldest schema it upgrades, and the tags of its third-party images. */
export type PlatformRelease = Readonly<z.infer<typeof releaseSchema>> & { readonly version: string };

const releases = z.record(z.string(), releaseSchema).parse(JSON.parse(readFileSync(join(platformFolder, "releases.json"), "utf8")));

/** The versions that can be built, oldest first. */
export const releaseVersions: readonly string[] = Object.keys(releases);

/** The release of that version. Throws RangeError, naming the known ones, for any other. */
export function platformRelease(version: string): PlatformRelease {
  const release = releases[version];
  if (release === undefined) throw new RangeError(`no release ${version}; known: ${releaseVersions.join(", ")}`);
  return { version, ...release };
}
