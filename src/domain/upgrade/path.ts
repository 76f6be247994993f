import { compare, gt, lt, satisfies } from "semver";
import { Problem } from "../errors/problem.ts";
import type { Migration } from "../release/migration.ts";
import type { BundledRelease } from "../release/release.ts";

/** What of a release decides about the way to it. */
export type PathRelease = Pick<BundledRelease, "version" | "upgradeFrom" | "stops" | "schema" | "migrations">;

/** The release that is installed. */
export interface InstalledVersion {
  readonly name: string;
  readonly version: string;
}

/** Name of a release's bundle, as `bundle create` gives it. */
function bundleName(version: string): string {
  return `migrate-platform-${version}.bundle`;
}

/**
 * The releases to pass on the way from what is installed to `target`, in order, the target last; `others` are those whose bundles are at hand.
 * The shortest way wins, and of equally short ones that over newer releases.
 * @throws Problem UPGRADE_SAME_VERSION, UPGRADE_DOWNGRADE, UPGRADE_STOP_MISSING, UPGRADE_OUT_OF_RANGE
 */
export function upgradePath<R extends PathRelease>(installed: InstalledVersion, target: R, others: readonly R[]): readonly R[] {
  const { name, version } = installed;
  const order = compare(target.version, version);
  if (order === 0) throw new Problem("UPGRADE_SAME_VERSION", { what: `release ${name} is version ${version} already` });
  if (order < 0) throw new Problem("UPGRADE_DOWNGRADE", { what: `release ${name} is version ${version}; ${target.version} is older` });
  const way = shortestWay(version, target, others);
  if (way !== undefined) return way;
  const missing = missingStop(version, target, others);
  if (missing !== undefined)
    throw new Problem("UPGRADE_STOP_MISSING", {
      what: `from ${version} to ${target.version} the release needs ${missing} first; its bundle is named ${bundleName(missing)}`,
      fix: `Run: migratectl upgrade --bundle ${bundleName(missing)}. Then this one.`,
      data: { installed: version, target: target.version, stop: missing },
    });
  throw new Problem("UPGRADE_OUT_OF_RANGE", {
    what: `${target.version} can be reached from releases ${target.upgradeFrom}; ${version} is installed`,
    data: { installed: version, target: target.version, upgradeFrom: target.upgradeFrom },
  });
}

/** Breadth first over the releases at hand: every hop has to be one that the release it leads to allows. */
function shortestWay<R extends PathRelease>(from: string, target: R, others: readonly R[]): readonly R[] | undefined {
  const between = others.filter(({ version }) => gt(version, from) && lt(version, target.version));
  const candidates = [...between.toSorted((one, other) => compare(other.version, one.version)), target];
  let ways: readonly (readonly R[])[] = [[]];
  const seen = new Set<string>();
  while (ways.length > 0) {
    const longer: (readonly R[])[] = [];
    for (const way of ways) {
      const here = way.at(-1)?.version ?? from;
      if (leadsTo(here, target)) return [...way, target];
      for (const next of candidates) {
        if (next === target || seen.has(next.version) || !leadsTo(here, next)) continue;
        seen.add(next.version);
        longer.push([...way, next]);
      }
    }
    ways = longer;
  }
  return undefined;
}

/** Whether a release may be upgraded to another one without passing a third. */
function leadsTo(from: string, to: PathRelease): boolean {
  return gt(to.version, from) && satisfies(from, to.upgradeFrom, { includePrerelease: true }) && !to.stops.some((stop) => gt(stop, from));
}

/** The first release that has to be passed and is not at hand. */
function missingStop<R extends PathRelease>(from: string, target: R, others: readonly R[]): string | undefined {
  const ahead = target.stops.filter((stop) => gt(stop, from)).toSorted(compare);
  return ahead.find((stop) => !others.some(({ version }) => version === stop)) ?? ahead[0];
}

/** Where a database's schema stands to a release that is to be gone to, and how far it is to be brought. */
export interface SchemaWay {
  /** Revision of the database now, and once this has been carried out. */
  readonly found: string;
  readonly to: string;
  /** What runs, in order. */
  readonly migrations: readonly Migration[];
  /** What contracts the schema, and is put off until the release has proved itself: the code of before would not work with it. */
  readonly putOff: readonly Migration[];
}

/**
 * The migrations between a database and a release: those that expand the schema, and with `finish` those that contract it, too.
 * @throws Problem UPGRADE_SCHEMA_DIRTY for a database with none or several revisions, UPGRADE_SCHEMA_UNKNOWN for one that the release does not know
 */
export function schemaWay(
  revisions: readonly string[],
  { version, schema, migrations }: PathRelease,
  extent: "expand" | "finish",
): SchemaWay {
  const [found, ...more] = revisions;
  if (found === undefined || more.length > 0)
    throw new Problem("UPGRADE_SCHEMA_DIRTY", {
      what:
        found === undefined ? "the database has no schema revision" : `the database has several schema revisions: ${revisions.join(", ")}`,
    });
  const known = [...(schema.from === undefined ? [] : [schema.from]), ...migrations.map(({ id }) => id)];
  const at = known.indexOf(found);
  if (at < 0)
    throw new Problem("UPGRADE_SCHEMA_UNKNOWN", {
      what: `the database's schema is at revision ${found}; ${version} knows ${known.join(", ")}`,
      data: { found, known },
    });
  const left = migrations.slice(migrations.findIndex(({ id }) => id === found) + 1);
  const contracting = left.findIndex(({ kind }) => kind === "contract");
  const now = extent === "finish" || contracting < 0 ? left : left.slice(0, contracting);
  return { found, to: now.at(-1)?.id ?? found, migrations: now, putOff: left.slice(now.length) };
}
