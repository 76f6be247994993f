import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Apt } from "./debian.ts";
import { installersOnly, interpreterPackages } from "./images.ts";
import { layerKey } from "./layer.ts";
import { unpack } from "./rootfs.ts";

/** The folder of the images' Python for this machine, whose `apt` it comes from; unpacked into the cache when first asked for. */
export function onDemandInterpreter(cache: string, apt: Apt, signal?: AbortSignal): () => Promise<string> {
  let unpacked: Promise<string> | undefined;
  return () => {
    unpacked ??= unpackInterpreter(cache, apt, signal);
    return unpacked;
  };
}

async function unpackInterpreter(cache: string, apt: Apt, signal?: AbortSignal): Promise<string> {
  const packages = (await apt.closure(interpreterPackages)).filter((one) => !installersOnly.some((pattern) => pattern.test(one.name)));
  const folder = join(cache, "interpreter", layerKey(packages));
  const there = await stat(folder).catch(() => undefined);
  if (there !== undefined) return folder;
  const partial = `${folder}.${process.pid}.partial`;
  await mkdir(partial, { recursive: true });
  await unpack(partial, packages, await apt.fetch(packages), signal);
  await rename(partial, folder);
  return folder;
}
