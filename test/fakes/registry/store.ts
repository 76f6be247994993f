import { createHash, randomUUID } from "node:crypto";

/** What one repository holds; blobs by digest, their content is the store's. */
interface Repository {
  readonly blobs: Set<string>;
  readonly manifests: Map<string, { readonly type: string; readonly content: Buffer }>;
  readonly tags: Map<string, string>;
}

/** An upload that was started; `state` must come back with the next request. */
interface Upload {
  readonly id: string;
  readonly repository: string;
  readonly state: string;
  content: Buffer;
}

/** What a registry stores: blobs once, and which repository has them. */
export class RegistryStore {
  readonly blobs = new Map<string, Buffer>();
  readonly repositories = new Map<string, Repository>();
  readonly uploads = new Map<string, Upload>();

  /** The repository, made when it is not there yet. */
  repository(name: string): Repository {
    const known = this.repositories.get(name) ?? { blobs: new Set<string>(), manifests: new Map(), tags: new Map<string, string>() };
    this.repositories.set(name, known);
    return known;
  }

  /** Content of a blob, if this repository has it. */
  blob(name: string, digest: string): Buffer | undefined {
    return this.repositories.get(name)?.blobs.has(digest) ? this.blobs.get(digest) : undefined;
  }

  /** Bytes of all blobs. */
  get used(): number {
    return [...this.blobs.values()].reduce((sum, { length }) => sum + length, 0);
  }

  startUpload(repository: string): Upload {
    const upload: Upload = { id: randomUUID(), repository, state: `${randomUUID()}/=+`, content: Buffer.alloc(0) };
    this.uploads.set(upload.id, upload);
    return upload;
  }

  keepBlob(name: string, digest: string, content: Buffer): void {
    this.blobs.set(digest, content);
    this.repository(name).blobs.add(digest);
  }

  /** Makes a blob of another repository appear in this one; false when that one does not have it. */
  mount(name: string, digest: string, from: string): boolean {
    if (this.repositories.get(from)?.blobs.has(digest) !== true) return false;
    this.repository(name).blobs.add(digest);
    return true;
  }

  /** Digest of something that a manifest refers to and the repository does not have. */
  missingChild(name: string, manifest: Buffer): string | undefined {
    const { blobs, manifests } = this.repository(name);
    return referredTo(manifest).find((child) => !blobs.has(child) && !manifests.has(child));
  }
}

/** Digest of some content. */
export function sha256(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function referredTo(manifest: Buffer): readonly string[] {
  const {
    config,
    layers = [],
    manifests = [],
  } = JSON.parse(manifest.toString()) as { config?: { digest: string }; layers?: { digest: string }[]; manifests?: { digest: string }[] };
  return [...(config === undefined ? [] : [config]), ...layers, ...manifests].map(({ digest }) => digest);
}
