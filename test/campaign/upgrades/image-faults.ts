import { readFileSync } from "node:fs";
import { z } from "zod";
import { migratectl } from "../../e2e/support/site.ts";
import { attemptInside, runInside } from "../../sandbox/index.ts";
import type { Mend } from "./cluster-faults.ts";
import type { UpgradedPlatform } from "./platform.ts";

const summarySchema = z.object({
  images: z.array(z.object({ name: z.string(), repository: z.string(), digest: z.string() })),
});

/** An image of a bundle as it is kept in the client's registry. */
export interface KeptImage {
  readonly repository: string;
  readonly digest: string;
}

/** The bundle's image of that name. @throws Error when it has none */
export async function imageOf({ site }: UpgradedPlatform, bundle: string, name: string): Promise<KeptImage> {
  const { stdout } = await migratectl(site, ["bundle", "inspect", bundle, "--json"]);
  const image = summarySchema.parse(JSON.parse(stdout)).images.find((one) => one.name === name);
  if (image === undefined) throw new Error(`${bundle} has no image ${name}`);
  return image;
}

/** Has registry and node forget an image; the next push brings it back to the registry. */
export async function forgetImage({ site }: UpgradedPlatform, { repository, digest }: KeptImage): Promise<Mend> {
  const { registry } = site.sandbox;
  if (registry === null) throw new Error("the sandbox has no registry");
  const login = `user = "${registry.username}:${readFileSync(registry.passwordFile, "utf8")}"`;
  const url = `https://${registry.host}/v2/${repository}/manifests/${digest}`;
  await runInside(site.sandbox, ["curl", "-sSf", "--cacert", registry.caFile, "--config", "-", "-X", "DELETE", url], { input: login });
  const ctr = ["ctr", "--address", "/run/containerd/containerd.sock", "--namespace", "k8s.io", "images"];
  const names = await attemptInside(site.sandbox, [...ctr, "ls", "--quiet"]);
  const own = names.stdout.split("\n").filter((line) => line.includes(digest));
  if (own.length > 0) await runInside(site.sandbox, [...ctr, "rm", ...own]);
  return async () => undefined;
}
