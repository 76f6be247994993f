import { driftOf, type ObjectDrift } from "../../domain/diff/drift.ts";
import { type ManifestChanges, manifestChanges } from "../../domain/diff/manifest-changes.ts";
import { type ReleaseObject, releaseObjects } from "../../domain/manifest/release-objects.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { Helm, HelmRelease } from "../../ports/helm.ts";
import type { LiveObjects } from "../../ports/live-objects.ts";
import { notInstalled } from "../status/not-installed.ts";

/** What a comparison reads through; nothing here can write. */
export interface DiffPorts {
  readonly helm: Pick<Helm, "find" | "manifest">;
  readonly live: LiveObjects;
}

/** The release that would be applied. */
export interface WantedRelease {
  readonly version: string;
  readonly manifests: string;
}

/** What is compared. */
export interface DiffRequest {
  readonly scope: ReleaseScope;
  /** Absent: only what drifted is asked for. */
  readonly wanted: WantedRelease | undefined;
}

/** What an apply would change, and what somebody changed since the last one. */
export interface DiffResult extends ReleaseScope {
  /** The newest revision of Helm's record; undefined when nothing is installed. */
  readonly installed: Pick<HelmRelease, "revision" | "status" | "appVersion"> | undefined;
  /** Version of the release that would be applied. */
  readonly wanted: string | undefined;
  /** Objects of the installed release that were compared with the cluster. */
  readonly compared: number;
  /** Undefined when no release to apply was named. */
  readonly changes: ManifestChanges | undefined;
  readonly drift: readonly ObjectDrift[];
  /** How the fields that drifted get the manifest's values again. */
  readonly fix: string | undefined;
}

/**
 * Compares Helm's record of a release with the release that would be applied, and with the cluster. Reads only; what may not be read is told
 * as unknown. @throws Problem STATUS_NOT_INSTALLED when there is nothing to compare, HELM_*, CLUSTER_*
 */
export async function diff({ helm, live }: DiffPorts, { scope, wanted }: DiffRequest, signal: AbortSignal): Promise<DiffResult> {
  const { release, namespace } = scope;
  const found = await helm.find(release, namespace, signal);
  const installed = found?.status === "uninstalled" ? undefined : found;
  if (installed === undefined && wanted === undefined) throw notInstalled(scope);
  const recorded = installed === undefined ? [] : releaseObjects(await helm.manifest(release, namespace, signal), namespace);
  const drift = driftOf(recorded, await live.read(references(recorded), signal));
  return {
    ...scope,
    installed,
    wanted: wanted?.version,
    compared: recorded.length,
    changes: wanted === undefined ? undefined : manifestChanges(recorded, releaseObjects(wanted.manifests, namespace)),
    drift,
    fix: drift.some(({ kind }) => kind !== "unknown") ? fixOf(drift) : undefined,
  };
}

function references(objects: readonly ReleaseObject[]): readonly ReleaseObject["reference"][] {
  return objects.map(({ reference }) => reference);
}

/** Helm leaves a field that another manager owns alone, unless it is told to take it over; what is gone an install makes anew by itself. */
function fixOf(drift: readonly ObjectDrift[]): string {
  const takeOver = drift.some(({ kind }) => kind === "drifted") ? " --take-over-conflicts" : "";
  return `To have it as the manifests say again: migratectl install${takeOver}, with the bundle and the answers of the installed release`;
}
