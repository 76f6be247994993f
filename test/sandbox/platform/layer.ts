import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { z } from "zod";
import { start } from "./command.ts";
import { readJsonIfPresent, writeWhole } from "./files.ts";
import { buildEpoch } from "./sources.ts";

const layerSchema = z.object({ digest: z.string(), diffId: z.string(), size: z.number().int().positive() });

/** A gzipped tar layer: digest and size in bytes of the compressed form, digest of the uncompressed one, and where it is. */
export type Layer = Readonly<z.infer<typeof layerSchema>> & { readonly path: string };

// Bump when the same inputs would make another layer: a change of what is trimmed, unpacked or packed.
const recipe = 4;
const gzipLevel = 6;

/** The key of a layer in the cache: everything that its content depends on. */
export function layerKey(inputs: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([recipe, gzipLevel, buildEpoch, inputs]))
    .digest("hex");
}

/** A layer and whether the cache had it. */
export interface MadeLayer {
  readonly layer: Layer;
  readonly cached: boolean;
}

// Architectures are built side by side and share the layers that hold no program.
const making = new Map<string, Promise<MadeLayer>>();

/** The layer of that key from the cache, or made by filling an empty directory and packing it. */
export function cachedLayer(cache: string, key: string, fill: (root: string) => Promise<void>, signal?: AbortSignal): Promise<MadeLayer> {
  const folder = join(cache, "layers", key);
  const running = making.get(folder) ?? readOrMake(cache, folder, fill, signal).finally(() => making.delete(folder));
  making.set(folder, running);
  return running;
}

async function readOrMake(cache: string, folder: string, fill: (root: string) => Promise<void>, signal?: AbortSignal): Promise<MadeLayer> {
  const path = join(folder, "layer.tar.gz");
  const known = await readJsonIfPresent(join(folder, "layer.json"), layerSchema);
  if (known !== undefined && (await stat(path)).size === known.size) return { layer: { ...known, path }, cached: true };
  await mkdir(join(cache, "work"), { recursive: true });
  const root = await mkdtemp(join(cache, "work", "layer-"));
  try {
    // The directory becomes the image's own root, which every user must be able to enter.
    await chmod(root, 0o755);
    await fill(root);
    await mkdir(folder, { recursive: true });
    const made = await pack(root, path, signal);
    await writeWhole(join(folder, "layer.json"), JSON.stringify(made));
    return { layer: { ...made, path }, cached: false };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

// Sorted, dated to the epoch, owned by root, no extended attributes: the same tree is always the same bytes.
async function pack(root: string, path: string, signal?: AbortSignal): Promise<z.infer<typeof layerSchema>> {
  const tar = start(
    ["tar", "-c", "-C", root, "--format=gnu", "--sort=name", `--mtime=@${buildEpoch}`, "--owner=0", "--group=0", "--numeric-owner", "."],
    { signal },
  );
  const plain = hashing();
  const compressed = hashing();
  const partial = `${path}.${process.pid}.partial`;
  await Promise.all([
    tar.done,
    pipeline(tar.stdout, plain.stream, createGzip({ level: gzipLevel }), compressed.stream, createWriteStream(partial)),
  ]);
  await rename(partial, path);
  return { digest: compressed.digest(), diffId: plain.digest(), size: compressed.bytes() };
}

function hashing(): { readonly stream: Transform; digest(): string; bytes(): number } {
  const hash = createHash("sha256");
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, digest: () => `sha256:${hash.digest("hex")}`, bytes: () => bytes };
}
