import { valid } from "semver";
import { Problem } from "../errors/problem.ts";
import type { RecordEntry } from "../plan/record.ts";

/** A revision of Helm's, and the version of the release in it. */
export interface HelmRevision {
  readonly revision: number;
  readonly version: string;
  /** Helm's word: deployed, superseded, failed, pending-upgrade … */
  readonly status: string;
}

/**
 * The revision to go back to. Without a wish: the newest one of another version before what runs now. A number means a revision, a version the
 * newest revision of it; only what was deployed once can be gone back to.
 * @throws Problem ROLLBACK_NOTHING when there is none, USAGE for a wish that is neither
 */
export function rollbackTarget(history: readonly HelmRevision[], current: HelmRevision, wanted: string | undefined): HelmRevision {
  const candidates = history.filter(
    ({ revision, status }) => (status === "deployed" || status === "superseded") && revision !== current.revision,
  );
  const found = candidates.findLast(meant(current, wanted));
  if (found !== undefined) return found;
  const known = candidates.map(({ revision, version }) => `${revision} (${version})`);
  throw new Problem("ROLLBACK_NOTHING", {
    what: `${wanted === undefined ? `there is no revision of another version before ${current.revision} (${current.version})` : `there is no revision ${wanted} to go back to`}; Helm keeps ${known.length === 0 ? "no other" : known.join(", ")}`,
  });
}

function meant(current: HelmRevision, wanted: string | undefined): (one: HelmRevision) => boolean {
  if (wanted === undefined) return ({ revision, version }) => revision < current.revision && version !== current.version;
  if (/^[1-9]\d*$/.test(wanted)) return ({ revision }) => revision === Number(wanted);
  if (valid(wanted) === wanted) return ({ version }) => version === wanted;
  throw new Problem("USAGE", {
    what: `"${wanted}" is neither a revision nor a version`,
    fix: "Give a revision of Helm's (3) or a version (1.0.0): migratectl history shows what was installed.",
  });
}

/**
 * The schema revisions that a release works with, as far as the record tells: the one it was brought here with, and what only expanded it since.
 * Undefined when the record does not know the release.
 */
export function readableRevisions(entries: readonly RecordEntry[], version: string): readonly string[] | undefined {
  const at = entries.findLastIndex(
    (entry) => entry.version === version && entry.outcome === "succeeded" && entry.schemaRevision !== undefined,
  );
  const own = entries[at]?.schemaRevision;
  if (own === undefined) return undefined;
  const later = entries.slice(at + 1).flatMap(({ migrations = [] }) => migrations);
  const contracting = later.findIndex(({ kind }) => kind !== "expand");
  return [own, ...(contracting < 0 ? later : later.slice(0, contracting)).map(({ id }) => id)];
}

/** The newest restore point that an upgrade away from a release has made. */
export function restorePointAfter(entries: readonly RecordEntry[], version: string): string | undefined {
  const at = entries.findLastIndex((entry) => entry.version === version && entry.outcome === "succeeded");
  return entries.slice(at + 1).find(({ restorePoint }) => restorePoint !== undefined)?.restorePoint?.name;
}
