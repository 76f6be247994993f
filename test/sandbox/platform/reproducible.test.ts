import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { buildPlatform, platformCache } from "./platform.ts";

// The base, Python with its byte code, files of both architectures and of none.
const images = ["mcp-assessment-tools", "redis"];
const release = "1.0.0";
const indexSchema = z.object({
  manifests: z.array(
    z.object({
      digest: z.string(),
      platform: z.object({ architecture: z.string() }),
      annotations: z.record(z.string(), z.string()),
    }),
  ),
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "platform-twice-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a second build from the same packages, with no layer of the first, gives the same digests", async () => {
  const first = await buildPlatform({ release, images, out: join(folder, "first") });
  const cache = join(folder, "cache");
  await mkdir(cache);
  await symlink(join(platformCache(), "apt"), join(cache, "apt"));
  const made: string[] = [];
  const second = await buildPlatform({
    release,
    images,
    out: join(folder, "second"),
    cache,
    onProgress: ({ image, step }) => made.push(`${image} ${step}`),
  });
  expect(made).toContain("amd64 python");
  expect(made).toContain("arm64 redis");
  expect(second).toEqual(first);
});

test("each image is an index over both architectures, and each says where it has been run", async () => {
  const built = await buildPlatform({ release, images, out: join(folder, "both") });
  expect(built.map(({ name }) => name)).toEqual(images);
  for (const { digest, platforms } of built) {
    expect(platforms).toEqual(["linux/amd64", "linux/arm64"]);
    const index = indexSchema.parse(JSON.parse(await readFile(join(folder, "both", "blobs", ...digest.split(":")), "utf8")));
    expect(index.manifests.map(({ platform, annotations }) => [platform.architecture, annotations["io.migrate-platform.run-on"]])).toEqual([
      ["amd64", "linux/amd64"],
      ["arm64", "linux/arm64, emulated"],
    ]);
  }
});
