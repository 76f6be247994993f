import type { Answers } from "../../domain/answers/answers.ts";
import type { Release } from "../../domain/release/release.ts";
import type { Rendered } from "../render/render-release.ts";
import type { Place } from "../run/carry-out.ts";
import { sha256 } from "../run/plan-of.ts";

/** What is known before the first write of an installation. */
export interface InstallStart extends Place {
  readonly answers: Answers;
  readonly release: Release;
  readonly rendered: Rendered;
  readonly bundle: BundleStart | undefined;
  /** Alembic's revision that the database has afterwards. */
  readonly schemaRevision: string;
  /** The backups that the platform is made of; undefined for a new one. */
  readonly backup: BackupSource | undefined;
}

/** What the plan of an apply is made from, as the journal and the record know it; other input is another plan. */
export function applyInputs({ release, rendered, bundle }: Pick<InstallStart, "release" | "rendered" | "bundle">) {
  return {
    version: release.version,
    ...(bundle === undefined ? {} : { bundleDigest: bundle.digest }),
    inputs: { values: sha256(rendered.values), manifests: sha256(rendered.manifests), chart: release.chart.digest },
  };
}

/** Where the backups are that a platform is made of: in a file that `backup export` wrote, or in the release's repository already. */
export type BackupSource =
  | { readonly kind: "file"; readonly path: string; readonly bytes: number; readonly digest: string }
  | { readonly kind: "repository" };

/** The bundle to push from. */
export interface BundleStart {
  readonly path: string;
  readonly digest: string;
  /** Bytes of all blobs. */
  readonly bytes: number;
}
