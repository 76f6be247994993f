import { stat } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "../../sandbox/run.ts";
import { until } from "../../sandbox/until.ts";
import type { UpgradedPlatform } from "./platform.ts";

/** Bytes of the volume that Postgres gets: a file system of its own, which can be full without any other being so. */
const size = 3 * 1024 ** 3;

/** Moves the volume of Postgres, which is a directory of the machine's disk, to a file system of its own, and starts it again there. */
export async function giveOwnDisk(platform: UpgradedPlatform): Promise<void> {
  const { database, site } = platform;
  const volume = await platform.volume();
  const node = async (...argv: readonly string[]): Promise<void> => {
    // The sandbox's own mounts, and not a private copy of them: its containers have to see what is mounted.
    const { code, stderr } = await attempt(["nsenter", `--target=${site.sandbox.pid}`, "--mount", ...argv]);
    if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
  };
  await database.kube("scale", "statefulset", "postgres", "--replicas=0");
  await database.kube("wait", "--for=delete", "pod/postgres-0", "--timeout=150s");
  const image = join(site.scratch, `${platform.namespace}.img`);
  const { mode } = await stat(volume);
  await node("truncate", `--size=${size}`, image);
  await node("mkfs.ext4", "-q", "-m", "0", image);
  await node("mv", volume, `${volume}.before`);
  await node("mkdir", volume);
  await node("mount", "-o", "loop", image, volume);
  await node("rmdir", join(volume, "lost+found"));
  await node("cp", "-a", `${volume}.before/.`, volume);
  await node("chmod", (mode & 0o7777).toString(8), volume);
  await node("rm", "-r", `${volume}.before`);
  await database.kube("scale", "statefulset", "postgres", "--replicas=1");
  const serves = async () => ((await platform.run("status")).code === 0 ? true : undefined);
  await until("the platform on its new disk", serves, { deadlineMs: 180_000, pauseMs: 1000 });
}

/** Fills the disk of Postgres to its last byte; gives what makes room again. */
export async function fillDisk(platform: UpgradedPlatform): Promise<() => Promise<void>> {
  const file = join(await platform.volume(), "filled");
  const node = ["nsenter", `--target=${platform.site.sandbox.pid}`, "--mount"] as const;
  // Until it fails: what is left is less than a block.
  await attempt([...node, "dd", "if=/dev/zero", `of=${file}`, "bs=1M"]);
  await attempt([...node, "dd", "if=/dev/zero", `of=${file}.rest`, "bs=4k"]);
  return async () => {
    await attempt([...node, "rm", "-f", file, `${file}.rest`]);
  };
}
