import { z } from "zod";
import type { Digest } from "../digest.ts";
import { Problem } from "../errors/problem.ts";
import { type Release, type ReleaseImage, type ReleaseSpec, releaseImageSchema } from "./release.ts";

/** `images.lock.json`: the images of a build, each pinned by digest. */
export const imagesLockSchema = z.array(releaseImageSchema);

/** The images of a release in the order of its spec. @throws Problem RELEASE_LOCK_INVALID when the lock lacks one, or names or tags one twice */
export function pinImages(spec: ReleaseSpec, lock: readonly ReleaseImage[], lockPath: string): readonly ReleaseImage[] {
  const twice = lock.find(({ name }, index) => lock.findIndex((other) => other.name === name) !== index);
  if (twice) throw new Problem("RELEASE_LOCK_INVALID", { what: `${lockPath} names the image "${twice.name}" twice` });
  const missing = spec.images.filter((name) => !lock.some((image) => image.name === name));
  if (missing.length > 0) {
    throw new Problem("RELEASE_LOCK_INVALID", {
      what: `${lockPath} does not pin ${missing.join(", ")}, which release ${spec.version} consists of; it has: ${lock.map(({ name }) => name).join(", ") || "nothing"}`,
    });
  }
  const images = spec.images.flatMap((name) => lock.filter((image) => image.name === name));
  const same = images.find((image, index) => images.findIndex((other) => nameOf(other) === nameOf(image)) !== index);
  if (same) throw new Problem("RELEASE_LOCK_INVALID", { what: `${lockPath} gives two images the name ${nameOf(same)}` });
  return images;
}

/** The release that a spec becomes with its images and its packed chart named by digest. */
export function pinRelease(spec: ReleaseSpec, images: readonly ReleaseImage[], chartDigest: Digest): Release {
  const { images: _names, registry: _registry, chart, ...said } = spec;
  return { ...said, chart: { name: chart.name, version: spec.version, digest: chartDigest }, images };
}

function nameOf({ repository, tag }: ReleaseImage): string {
  return `${repository}:${tag}`;
}
