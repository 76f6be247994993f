import { valid, validRange } from "semver";
import { z } from "zod";
import { digestSchema } from "../digest.ts";
import { isManifestType } from "../oci/media-type.ts";
import { migrationSchema, schemaFaults, schemaRangeSchema } from "./migration.ts";

const semverSchema = z.string().refine((text) => valid(text) === text, "a semantic version such as 1.2.3");

const rangeSchema = z.string().refine((text) => validRange(text) !== null, 'a semver range such as ">=1.24.0-0"');

/** `os/arch[/variant]`, as OCI and Kubernetes node labels write them. */
export const platformSchema = z.string().regex(/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/);

/** One image by digest. `repository` is without a host: the client's registry and prefix go in front. */
export const releaseImageSchema = z.object({
  /** Name the chart knows it by (`images.<name>` in its values) and by which blobs name their users. */
  name: z.string().min(1),
  repository: z.string().regex(/^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/),
  tag: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/),
  /** Digest of the index (or of the manifest, for a single-platform image). */
  digest: digestSchema,
  mediaType: z.string().refine(isManifestType, "the media type of an image's index or manifest"),
  platforms: z.array(platformSchema).min(1),
  /** Bytes of the index or manifest itself, as in an OCI descriptor. */
  size: z.int().positive(),
});

/** One image of a release. */
export type ReleaseImage = Readonly<z.infer<typeof releaseImageSchema>>;

/** A dotted path into the answers, as the answers file nests them: `llm.baseUrl`. */
const answerPathSchema = z.string().regex(/^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/);

/** Something a person has to know before they go to a release. An object, so that a later format can say more about it. */
const noteSchema = z.object({
  text: z.string().min(1),
  /** Answers that a person has to give because of it. */
  answers: z.array(answerPathSchema).default([]),
});

/** What release.yaml and a bundle's manifest both say of a release. */
const releaseFields = {
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Release"),
  version: semverSchema,
  schema: schemaRangeSchema,
  /** From `schema.from` (excluded) to `schema.to`, in the order in which they run. */
  migrations: z.array(migrationSchema).default([]),
  /** Semver range of Kubernetes versions. */
  kubernetes: rangeSchema,
  /** Semver range of releases that may be upgraded to this one, and those that must be passed on the way. */
  upgradeFrom: rangeSchema,
  stops: z.array(semverSchema).default([]),
  notes: z.array(noteSchema).default([]),
} as const;

/** What bundles/<version>/release.yaml says, where a word that nobody knows is a mistake; images come from the lock beside it. */
export const releaseSpecSchema = z
  .strictObject({
    ...releaseFields,
    schema: z.strictObject(schemaRangeSchema.shape),
    migrations: z.array(z.strictObject(migrationSchema.shape)).default([]),
    notes: z.array(z.strictObject(noteSchema.shape)).default([]),
    /** `path` of the chart's folder, relative to the release.yaml. */
    chart: z.strictObject({ name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/), path: z.string().min(1) }),
    /** `HOST[/PREFIX]` of the vendor's registry, for a bundle that is not made from an OCI layout on disk. */
    registry: z.string().min(1).optional(),
    /** Names of the images the release consists of; each must be in the lock. */
    images: z.array(z.string()).min(1),
  })
  .superRefine((spec, context) => {
    for (const fault of schemaFaults(spec)) context.addIssue(fault);
  });

/** The vendor's description of one release, before its images are pinned. */
export type ReleaseSpec = Readonly<z.infer<typeof releaseSpecSchema>>;

/** A release as a bundle's manifest describes it, beside its images. Fields that a later migratectl adds are left out. */
export const bundledReleaseSchema = z.object({
  ...releaseFields,
  chart: z.object({ name: z.string(), version: z.string(), digest: digestSchema }),
});

/** A release without its images. */
export type BundledRelease = Readonly<z.infer<typeof bundledReleaseSchema>>;

/** A release as installed: version, images by digest, chart, schema revisions, upgrade range, minimum Kubernetes. */
export type Release = BundledRelease & { readonly images: readonly ReleaseImage[] };
