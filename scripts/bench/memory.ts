import { join } from "node:path";
import type { Site } from "../demo/site.ts";
import { type Subject, sample } from "./measure.ts";
import { type BenchResult, memoryLimit } from "./page.ts";

/** Where the commands are measured: a site with the release installed, and the bundle it came from. */
export interface MemoryBench {
  readonly site: Site;
  readonly answers: string;
  readonly bundle: string;
  /** OCI layout of the release's images. */
  readonly layout: string;
  /** Empty folder for what the commands write. */
  readonly scratch: string;
}

/** Peak memory of every command that has no row of its own, once each; `install` and `render` are measured against their peers. */
export async function memoryBench({ site, answers, bundle, layout, scratch }: MemoryBench): Promise<readonly BenchResult[]> {
  const release = join(import.meta.dirname, "../../bundles/1.0.0");
  const commands: readonly (readonly string[])[] = [
    ["configure", "--answers", answers, "--yes"],
    ["preflight", "--bundle", bundle, "--answers", answers],
    ["bundle", "create", "--release", release, "--oci-layout", layout, "--out", join(scratch, "again.bundle")],
    ["bundle", "inspect", bundle],
    ["bundle", "verify", bundle],
    ["bundle", "push", bundle, "--answers", answers],
    ["smoke", "--answers", answers],
    ["status", "--answers", answers],
    ["history", "--verify"],
    ["uninstall", "--dry-run"],
  ];
  const rows: BenchResult[] = [];
  for (const args of commands) {
    const name = `\`${args.slice(0, args[0] === "bundle" ? 2 : 1).join(" ")}\``;
    const env = Object.fromEntries(Object.entries(site.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
    // Preflight and status may find something to say of a release that is there already; memory is what is asked here.
    const subject: Subject = { name, argv: site.command(args), env, accepts: [0, 3, 5] };
    const { seconds, bytes } = await sample(subject);
    rows.push({ name, ours: `${seconds.toFixed(1)} s`, peer: "", bytes, met: bytes < memoryLimit });
  }
  return rows;
}
