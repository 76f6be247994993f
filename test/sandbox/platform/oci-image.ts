import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { run } from "./command.ts";
import { type Architecture, hostArchitecture } from "./sources.ts";

const descriptorSchema = z.object({
  digest: z.string(),
  platform: z.object({ architecture: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const indexSchema = z.object({ manifests: z.array(descriptorSchema) });
const manifestSchema = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema) });
const configSchema = z.object({
  config: z.object({
    User: z.string(),
    Env: z.array(z.string()),
    Entrypoint: z.array(z.string()),
    Cmd: z.array(z.string()),
    StopSignal: z.string().default("SIGTERM"),
  }),
});

type ImageConfig = z.infer<typeof configSchema>["config"];

/** An image of a layout: how it says it runs, and the paths of its layers from the bottom up. */
export interface StoredImage {
  readonly config: ImageConfig;
  readonly layers: readonly string[];
}

/** An image that is unpacked: its root file system, the id of its user, and how it says it runs. */
export interface Image {
  readonly rootfs: string;
  readonly uid: number;
  readonly config: ImageConfig;
}

/** Finds the image of that name in a layout. Throws Error when the layout lacks it or has it for other architectures only. */
export async function storedImage(layout: string, name: string, architecture: Architecture): Promise<StoredImage> {
  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => schema.parse(JSON.parse(await readFile(path, "utf8")));
  const blob = (digest: string): string => join(layout, "blobs", ...digest.split(":"));
  const { manifests } = await read(join(layout, "index.json"), indexSchema);
  const found = manifests.find((one) => one.annotations?.["org.opencontainers.image.ref.name"]?.includes(`/${name}:`));
  if (found === undefined) throw new Error(`no image ${name} in ${layout}`);
  const index = await read(blob(found.digest), indexSchema);
  const mine = index.manifests.find((one) => one.platform?.architecture === architecture);
  if (mine === undefined) throw new Error(`image ${name} has no ${architecture}`);
  const manifest = await read(blob(mine.digest), manifestSchema);
  const { config } = await read(blob(manifest.config.digest), configSchema);
  return { config, layers: manifest.layers.map(({ digest }) => blob(digest)) };
}

/** Unpacks the image of that name from a layout into `rootfs`. Throws as storedImage does, and CommandFailed. */
export async function unpackImage(layout: string, name: string, rootfs: string, architecture = hostArchitecture): Promise<Image> {
  const { config, layers } = await storedImage(layout, name, architecture);
  await mkdir(rootfs, { recursive: true });
  // As a node does it: a directory takes the place of a link of a lower layer.
  for (const layer of layers) await run(["tar", "-xzf", layer, "-C", rootfs]);
  return { rootfs, uid: Number(config.User.split(":")[0]), config };
}
