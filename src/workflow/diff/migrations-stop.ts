import type { BundledRelease } from "../../domain/release/release.ts";
import { schemaWay } from "../../domain/upgrade/path.ts";
import { installedReleases, type RecordBook, stoppedAt } from "../run/record-book.ts";

/**
 * Revision at which the migrations would stop if the release were brought here now, as far as the record tells where the database stands:
 * where an install leaves put off what was, and before what an upgrade would put off. Undefined: they go as far as the release does.
 */
export function migrationsStop(
  book: RecordBook | undefined,
  release: Pick<BundledRelease, "version" | "upgradeFrom" | "stops" | "schema" | "migrations">,
): string | undefined {
  const newest = installedReleases(book).at(-1);
  if (newest === undefined || newest.version === release.version) return stoppedAt(book, release);
  const { schema, migrations } = release;
  const known = newest.revision === schema.from || migrations.some(({ id }) => id === newest.revision);
  if (!known) return undefined;
  const { to, putOff } = schemaWay([newest.revision], release, "expand");
  return putOff.length === 0 ? undefined : to;
}
