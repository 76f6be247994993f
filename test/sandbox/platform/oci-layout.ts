import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "./digest.ts";
import { linkOrCopy, writeWhole } from "./files.ts";
import type { ImageSpec } from "./images.ts";
import type { Layer } from "./layer.ts";
import { type Architecture, buildEpoch, runOn } from "./sources.ts";

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const indexType = "application/vnd.oci.image.index.v1+json";

/** What points to a blob. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly architecture: string; readonly os: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One image as images.lock.json lists it; `digest` is the index's, `size` the bytes of all its blobs. */
export interface LockedImage {
  readonly name: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly platforms: readonly string[];
  readonly size: number;
}

/** An image of one architecture: its layers from the bottom up. */
export interface PlatformLayers {
  readonly architecture: Architecture;
  readonly layers: readonly { readonly name: string; readonly layer: Layer }[];
}

/** Writes an OCI image layout into a directory of its own. */
export class OciLayout {
  readonly #folder: string;
  readonly #images: Descriptor[] = [];
  readonly #locked: LockedImage[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** An empty layout; a layout that was there before is removed. */
  static async create(folder: string): Promise<OciLayout> {
    for (const part of ["blobs", "index.json", "oci-layout", "images.lock.json"])
      await rm(join(folder, part), { recursive: true, force: true });
    await mkdir(join(folder, "blobs", "sha256"), { recursive: true });
    await writeFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    return new OciLayout(folder);
  }

  /** Adds an image as an index over its architectures. */
  async add(image: ImageSpec, platforms: readonly PlatformLayers[]): Promise<LockedImage> {
    const manifests: Descriptor[] = [];
    const sizes = new Map<string, number>();
    for (const platform of platforms) {
      const manifest = await this.#manifest(image, platform, sizes);
      manifests.push(manifest);
    }
    const index = await this.#blob(indexType, {
      schemaVersion: 2,
      mediaType: indexType,
      manifests,
      annotations: annotations(image),
    });
    for (const one of [...manifests, index]) sizes.set(one.digest, one.size);
    this.#images.push({ ...index, annotations: { "org.opencontainers.image.ref.name": `${image.repository}:${image.tag}` } });
    const locked: LockedImage = {
      name: image.name,
      repository: image.repository,
      tag: image.tag,
      digest: index.digest,
      mediaType: index.mediaType,
      platforms: platforms.map(({ architecture }) => `linux/${architecture}`),
      size: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    };
    this.#locked.push(locked);
    return locked;
  }

  /** Writes the index of the layout and the lock: the layout is complete from here on. */
  async finish(): Promise<readonly LockedImage[]> {
    await writeWhole(join(this.#folder, "images.lock.json"), `${JSON.stringify(this.#locked, null, 2)}\n`);
    await writeWhole(join(this.#folder, "index.json"), JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: this.#images }));
    return this.#locked;
  }

  async #manifest(image: ImageSpec, { architecture, layers }: PlatformLayers, sizes: Map<string, number>): Promise<Descriptor> {
    const created = new Date(buildEpoch * 1000).toISOString().replace(".000Z", "Z");
    const ran = { "io.migrate-platform.run-on": runOn[architecture] };
    const variant = architecture === "arm64" ? { variant: "v8" } : {};
    const config = await this.#blob("application/vnd.oci.image.config.v1+json", {
      created,
      architecture,
      ...variant,
      os: "linux",
      config: {
        User: image.user,
        ExposedPorts: Object.fromEntries(image.ports.map((port) => [`${port}/tcp`, {}])),
        Env: Object.entries(image.environment).map(([name, value]) => `${name}=${value}`),
        Entrypoint: image.entrypoint,
        Cmd: image.command,
        WorkingDir: "/",
        Labels: { ...annotations(image), ...ran },
        ...(image.stopSignal === undefined ? {} : { StopSignal: image.stopSignal }),
      },
      rootfs: { type: "layers", diff_ids: layers.map(({ layer }) => layer.diffId) },
      history: layers.map(({ name }) => ({ created, created_by: `platform build: ${name}` })),
    });
    for (const { layer } of layers) {
      await linkOrCopy(layer.path, join(this.#folder, "blobs", ...layer.digest.split(":")));
      sizes.set(layer.digest, layer.size);
    }
    sizes.set(config.digest, config.size);
    const manifest = await this.#blob(manifestType, {
      schemaVersion: 2,
      mediaType: manifestType,
      config,
      layers: layers.map(({ layer }) => ({
        mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
        digest: layer.digest,
        size: layer.size,
      })),
      annotations: { ...annotations(image), ...ran },
    });
    return { ...manifest, platform: { architecture, os: "linux", ...variant }, annotations: ran };
  }

  async #blob(mediaType: string, content: unknown): Promise<Descriptor> {
    const bytes = Buffer.from(JSON.stringify(content));
    const digest = digestOf(bytes);
    await writeFile(join(this.#folder, "blobs", ...digest.split(":")), bytes);
    return { mediaType, digest, size: bytes.length };
  }
}

function annotations(image: ImageSpec): Readonly<Record<string, string>> {
  return {
    "org.opencontainers.image.title": image.title,
    "org.opencontainers.image.version": image.version,
    "org.opencontainers.image.vendor": "AI Migration Platform (reference build)",
    "org.opencontainers.image.base.name": "debian:trixie",
  };
}
