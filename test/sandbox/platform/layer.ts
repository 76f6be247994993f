import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
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
const recipe = 6;
// Level 6 takes a third more time for half a percent less.
const gzipLevel = 5;
const bufferBytes = 256 * 1024;

/** The key of a layer in the cache: everything that its content depends on. */
export function layerKey(inputs: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([recipe, gzipLevel, buildEpoch, inputs]))
    .digest("hex");
}

/** The layer of that key from the cache, undefined when it is not there. */
export async function keptLayer(cache: string, key: string): Promise<Layer | undefined> {
  const path = layerPath(cache, key);
  const known = await readJsonIfPresent(join(path, "../layer.json"), layerSchema);
  return known !== undefined && (await stat(path)).size === known.size ? { ...known, path } : undefined;
}

/** Makes the layer of that key by filling an empty directory and packing it, and keeps it in the cache. Throws what `fill` throws, and CommandFailed. */
export async function makeLayer(cache: string, key: string, fill: (root: string) => Promise<void>, signal?: AbortSignal): Promise<Layer> {
  const path = layerPath(cache, key);
  await mkdir(join(cache, "work"), { recursive: true });
  const work = await mkdtemp(join(cache, "work", "layer-"));
  try {
    const root = join(work, "root");
    await mkdir(root);
    // The directory becomes the image's own root, which every user must be able to enter.
    await chmod(root, 0o755);
    await fill(root);
    const packed = join(work, "layer.tar.gz");
    const made = await pack(root, packed, signal);
    await mkdir(dirname(path), { recursive: true });
    await rename(packed, path);
    await writeWhole(join(path, "../layer.json"), JSON.stringify(made));
    return { ...made, path };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function layerPath(cache: string, key: string): string {
  return join(cache, "layers", key, "layer.tar.gz");
}

// Sorted, dated to the epoch, owned by root, no extended attributes: the same tree is always the same bytes.
async function pack(root: string, path: string, signal?: AbortSignal): Promise<z.infer<typeof layerSchema>> {
  const tar = start(
    ["tar", "-c", "-C", root, "--format=gnu", "--sort=name", `--mtime=@${buildEpoch}`, "--owner=0", "--group=0", "--numeric-owner", "."],
    { signal },
  );
  const plain = hashing();
  const compressed = hashing();
  const gzip = createGzip({ level: gzipLevel, chunkSize: bufferBytes });
  await Promise.all([tar.done, pipeline(tar.stdout, plain.stream, gzip, compressed.stream, createWriteStream(path))]);
  return { digest: compressed.digest(), diffId: plain.digest(), size: compressed.bytes() };
}

function hashing(): { readonly stream: Transform; digest(): string; bytes(): number } {
  const hash = createHash("sha256");
  let bytes = 0;
  const stream = new Transform({
    highWaterMark: bufferBytes,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, digest: () => `sha256:${hash.digest("hex")}`, bytes: () => bytes };
}
