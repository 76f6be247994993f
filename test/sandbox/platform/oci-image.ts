import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { run } from "./command.ts";
import { hostArchitecture } from "./sources.ts";

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

/** An image unpacked for this machine: its root file system, the id of its user, and how it says it runs. */
export interface Image {
  readonly rootfs: string;
  readonly uid: number;
  readonly config: z.infer<typeof configSchema>["config"];
}

/** Unpacks the image of that name from a layout into `rootfs`, for this machine's architecture. Throws Error when the layout lacks it. */
export async function unpackImage(layout: string, name: string, rootfs: string): Promise<Image> {
  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => schema.parse(JSON.parse(await readFile(path, "utf8")));
  const blob = (digest: string): string => join(layout, "blobs", ...digest.split(":"));
  const { manifests } = await read(join(layout, "index.json"), indexSchema);
  const found = manifests.find((one) => one.annotations?.["org.opencontainers.image.ref.name"]?.includes(`/${name}:`));
  if (found === undefined) throw new Error(`no image ${name} in ${layout}`);
  const index = await read(blob(found.digest), indexSchema);
  const mine = index.manifests.find((one) => one.platform?.architecture === hostArchitecture);
  if (mine === undefined) throw new Error(`image ${name} has no ${hostArchitecture}`);
  const manifest = await read(blob(mine.digest), manifestSchema);
  const { config } = await read(blob(manifest.config.digest), configSchema);
  await mkdir(rootfs, { recursive: true });
  for (const layer of manifest.layers) await run(["tar", "-xzf", blob(layer.digest), "-C", rootfs, "--keep-directory-symlink"]);
  return { rootfs, uid: Number(config.User.split(":")[0]), config };
}
