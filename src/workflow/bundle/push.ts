import type { Digest } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { formatRegistryAddress } from "../../domain/image-reference.ts";
import { inParallel } from "../../domain/in-parallel.ts";
import type { Descriptor } from "../../domain/oci/descriptor.ts";
import type { BundleFile } from "../../ports/bundle-file.ts";
import type { Advance } from "../../ports/progress.ts";
import type { Registry } from "../../ports/registry.ts";
import type { PlannedImage, PlannedTransfer, PushPlan } from "./push-plan.ts";
import { alteredBlob, readManifest } from "./tree.ts";

/** What a push did. */
export interface PushResult {
  /** `host/prefix/repo:tag@digest` of every image of the bundle, in its order. */
  readonly references: readonly string[];
  /** Bytes of blobs and manifests that went out, each counted once. */
  readonly sentBytes: number;
  readonly uploadedBlobs: number;
  readonly mountedBlobs: number;
  /** Images that were there before. */
  readonly presentImages: number;
}

/** Transfers at the same time; more gains nothing on one machine and troubles small registries. */
const transfersAtOnce = 4;

/**
 * Carries out a plan: blobs from the bundle's file (each once, then mounted), child manifests, tags last, and reads everything back.
 * Running it again after any interruption sends what is missing. `progress` gets bytes of `plan.bytes`.
 * @throws Problem REGISTRY_*, BUNDLE_ALTERED, BUNDLE_TRUNCATED
 */
export async function push(
  plan: PushPlan,
  bundle: BundleFile,
  registry: Registry,
  progress: (advance: Advance) => void,
  signal: AbortSignal,
): Promise<PushResult> {
  const meter = new Meter(plan, progress);
  const counts = { uploaded: 0, mounted: 0 };
  await inParallel(plan.transfers, transfersAtOnce, signal, (transfer, running) =>
    carry(transfer, { bundle, registry, meter, counts, signal: running }),
  );
  const pending = plan.images.filter(({ manifests }) => manifests.length > 0);
  const put = async ({ repository, image }: PlannedImage, manifest: Descriptor, reference: string, running: AbortSignal) => {
    await registry.pushManifest(repository, reference, manifest, await readManifest(bundle, manifest, running), running);
    meter.sent(`${repository}:${reference}`, manifest.size, image.name);
  };
  await inParallel(pending, transfersAtOnce, signal, async (planned, running) => {
    for (const child of planned.manifests.slice(0, -1)) await put(planned, child, child.digest, running);
  });
  await inParallel(pending, transfersAtOnce, signal, async (planned, running) => {
    for (const own of planned.manifests.slice(-1)) await put(planned, own, planned.image.tag, running);
  });
  await inParallel(pending, transfersAtOnce, signal, (planned, running) => readBack(planned, registry, plan, running));
  return {
    references: plan.images.map(({ reference }) => reference),
    sentBytes: meter.total,
    uploadedBlobs: counts.uploaded,
    mountedBlobs: counts.mounted,
    presentImages: plan.images.length - pending.length,
  };
}

interface Carriage {
  readonly bundle: BundleFile;
  readonly registry: Registry;
  readonly meter: Meter;
  readonly counts: { uploaded: number; mounted: number };
  readonly signal: AbortSignal;
}

async function carry({ blob, mountFrom, into }: PlannedTransfer, carriage: Carriage): Promise<void> {
  const { registry, counts, signal } = carriage;
  let from = mountFrom;
  for (const repository of into) {
    if (from !== undefined && (await registry.mountBlob(repository, blob, from, signal))) counts.mounted += 1;
    else await upload(blob, repository, carriage);
    from ??= repository;
  }
}

/** A registry that got other bytes than the digest says: either the file has them, or the way there spoiled them and once more is worth it. */
async function upload(blob: Descriptor, repository: string, { bundle, registry, meter, counts, signal }: Carriage): Promise<void> {
  const send = () =>
    registry.pushBlob(
      repository,
      blob,
      (start) => bundle.blob(blob.digest, start),
      (bytes) => meter.sent(`${repository}@${blob.digest}`, bytes, repository),
      signal,
    );
  try {
    await send();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "REGISTRY_CORRUPTED") throw error;
    if (!(await bundle.isIntact(blob.digest, signal))) throw alteredBlob(bundle, blob.digest);
    await send();
  }
  counts.uploaded += 1;
}

/** The tag must give the very bytes that were sent, and every child manifest must be there under its digest. */
async function readBack(
  { image, repository, manifests }: PlannedImage,
  registry: Registry,
  plan: PushPlan,
  signal: AbortSignal,
): Promise<void> {
  const stored = await registry.manifest(repository, image.tag, signal);
  if (stored?.digest !== image.digest) throw lost(plan, `${repository}:${image.tag}`, image.digest, stored?.digest);
  for (const child of manifests.slice(0, -1)) {
    const found = await registry.manifestDigest(repository, child.digest, signal);
    if (found !== child.digest) throw lost(plan, repository, child.digest, found);
  }
}

function lost({ target }: PushPlan, place: string, wanted: Digest, found: Digest | undefined): Problem {
  return new Problem("REGISTRY_CORRUPTED", {
    what: `${formatRegistryAddress({ host: target.host, prefix: place })} should be ${wanted} and is ${found ?? "not there"}`,
  });
}

/** Adds up what went out; a try that starts over takes its bytes back. */
class Meter {
  private readonly plan: PushPlan;
  private readonly tell: (advance: Advance) => void;
  private readonly parts = new Map<string, number>();
  total = 0;

  constructor(plan: PushPlan, tell: (advance: Advance) => void) {
    this.plan = plan;
    this.tell = tell;
  }

  sent(part: string, bytes: number, note: string): void {
    this.total += bytes - (this.parts.get(part) ?? 0);
    this.parts.set(part, bytes);
    this.tell({ done: this.total, total: Math.max(this.plan.bytes, this.total), unit: "bytes", note });
  }
}
