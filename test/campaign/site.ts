import { constants, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { imagesOf, makeBundle } from "../../scripts/demo/bundle.ts";
import { planSchema } from "../../src/domain/plan/plan.ts";
import { type E2eSite, migratectl } from "../e2e/support/site.ts";
import { down, ensureToolchain, up } from "../sandbox/index.ts";
import { roundAnswers } from "./answers.ts";

/** Starts a sandbox of that name, and makes the bundle to install unless one is given; `end` takes the sandbox down again. */
export async function startSite(name: string, given?: string): Promise<{ readonly site: E2eSite; readonly end: () => Promise<void> }> {
  const toolchain = await ensureToolchain(given === undefined ? { meanwhile: imagesOf("1.0.0") } : {});
  const made = given ?? (await makeBundle("1.0.0", toolchain.binDir));
  await down(name);
  const sandbox = await up({ name, cpus: 12, mode: "cluster", toolchain });
  const scratch = await mkdtemp(join(tmpdir(), "migratectl-campaign-"));
  await mkdir(join(scratch, "state"));
  // A copy: another run on this machine may make the bundle again meanwhile.
  const bundle = join(scratch, "platform.bundle");
  await copyFile(made, bundle, constants.COPYFILE_FICLONE);
  const end = async () => {
    await down(name);
    await rm(scratch, { recursive: true, force: true });
  };
  return { site: { sandbox, bundle, scratch }, end };
}

const dryRunSchema = z.object({ plan: planSchema });

/** Ids of the actions of an installation, as `install --dry-run --json` tells them. @throws Error when the dry run fails */
export async function plannedActions(site: E2eSite): Promise<readonly string[]> {
  const answers = await roundAnswers(site, "dry-run");
  const args = ["install", "--airgap", "--bundle", site.bundle, "--answers", answers, "--dry-run", "--json"];
  const { code, stdout, stderr } = await migratectl(site, args);
  if (code !== 0) throw new Error(`the dry run ended with ${code}: ${stderr}${stdout}`);
  return dryRunSchema.parse(JSON.parse(stdout)).plan.actions.map(({ id }) => id);
}
