import { valid, validRange } from "semver";
import { z } from "zod";
import { digestSchema } from "../digest.ts";

const semverSchema = z.string().refine((text) => valid(text) === text, "a semantic version such as 1.2.3");

const rangeSchema = z.string().refine((text) => validRange(text) !== null, 'a semver range such as ">=1.24.0-0"');

/** `os/arch[/variant]`, as OCI and Kubernetes node labels write them. */
export const platformSchema = z.string().regex(/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/);

/** One image of a release, by digest. `repository` is without a host: the client's registry and prefix go in front. */
export const releaseImageSchema = z.strictObject({
  /** Name the chart knows it by: `images.<name>` in its values. */
  name: z.string().min(1),
  repository: z.string().regex(/^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/),
  tag: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/),
  /** Digest of the index (or of the manifest, for a single-platform image). */
  digest: digestSchema,
  mediaType: z.string(),
  platforms: z.array(platformSchema).min(1),
  /** Bytes of the index or manifest itself, as in an OCI descriptor. */
  size: z.int().positive(),
});

/** One image of a release. */
export type ReleaseImage = Readonly<z.infer<typeof releaseImageSchema>>;

/** What bundles/<version>/release.yaml says; images come from the lock beside it. */
export const releaseSpecSchema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Release"),
  version: semverSchema,
  /** `path` of the chart's folder, relative to the release.yaml. */
  chart: z.strictObject({ name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/), path: z.string().min(1) }),
  /** Alembic revision that this release's code needs. */
  schemaRevision: z.string(),
  /** Semver range of Kubernetes versions. */
  kubernetes: rangeSchema,
  /** Semver range of releases that may be upgraded to this one, and those that must be passed on the way. */
  upgradeFrom: rangeSchema,
  stops: z.array(semverSchema).default([]),
  notes: z.array(z.string()).default([]),
  /** `HOST[/PREFIX]` of the vendor's registry, for a bundle that is not made from an OCI layout on disk. */
  registry: z.string().min(1).optional(),
  /** Names of the images the release consists of; each must be in the lock. */
  images: z.array(z.string()).min(1),
});

/** The vendor's description of one release, before its images are pinned. */
export type ReleaseSpec = Readonly<z.infer<typeof releaseSpecSchema>>;

/** A release with its images pinned by digest: what a bundle carries and what the plan is made from. */
export const releaseSchema = releaseSpecSchema.omit({ images: true, chart: true, registry: true }).extend({
  chart: z.strictObject({ name: z.string(), version: z.string(), digest: digestSchema }),
  images: z.array(releaseImageSchema).min(1),
});

/** A release as installed: version, images by digest, chart, schema revision, upgrade range, minimum Kubernetes. */
export type Release = Readonly<z.infer<typeof releaseSchema>>;
