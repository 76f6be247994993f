import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { imagesOf, makeBundle } from "../../../scripts/demo/bundle.ts";
import { down, ensureToolchain, up } from "../../sandbox/index.ts";

const name = "e2e";

/** Starts the sandbox of the end-to-end tests and makes the bundle that they install; ends the sandbox afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const toolchain = await ensureToolchain({ meanwhile: imagesOf("1.0.0") });
  const bundle = await makeBundle("1.0.0", toolchain.binDir);
  await down(name);
  const sandbox = await up({ name, cpus: 12, mode: "cluster", toolchain });
  const scratch = await mkdtemp(join(tmpdir(), "migratectl-e2e-"));
  await mkdir(join(scratch, "state"));
  project.provide("site", { sandbox, bundle, scratch });
  return async () => {
    await down(name);
    await rm(scratch, { recursive: true, force: true });
  };
}
