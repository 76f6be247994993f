import { z } from "zod";

/** An Alembic revision. */
const revisionSchema = z.string().min(1);

/** The database schema that a release needs. */
export const schemaRangeSchema = z.object({
  /** Revision that every release of `upgradeFrom` has at least, and from which the migrations start; absent: an empty database. */
  from: revisionSchema.optional(),
  /** Revision that the release's code needs, and to which the migrations bring the database. */
  to: revisionSchema,
});

/** One step of the database between two releases. */
export const migrationSchema = z.object({
  /** Revision that it brings the database to. */
  id: revisionSchema,
  /** `expand`: the release before goes on working on the new schema. `contract`: it does not. */
  kind: z.enum(["expand", "contract"]),
  /** Whether its Alembic downgrade brings schema and data back. */
  reversible: z.boolean(),
});

/** One migration of a release. */
export type Migration = Readonly<z.infer<typeof migrationSchema>>;

/** What is wrong between a release's schema range and its migrations, as issues for zod; empty: nothing. */
export function schemaFaults({
  schema: { from, to },
  migrations,
}: {
  readonly schema: Readonly<z.infer<typeof schemaRangeSchema>>;
  readonly migrations: readonly Migration[];
}): readonly { readonly code: "custom"; readonly path: string[]; readonly message: string }[] {
  const ids = migrations.map(({ id }) => id);
  const faults: string[] = [];
  const contracting = migrations.findIndex(({ kind }) => kind === "contract");
  const expanding = migrations.findLastIndex(({ kind }) => kind === "expand");
  if (contracting >= 0 && expanding > contracting)
    faults.push("has an expand migration after one that contracts: what contracts is put off, and nothing can follow it");
  if (new Set(ids).size < ids.length) faults.push("names a migration twice");
  if (from !== undefined && ids.includes(from)) faults.push(`names ${from}, which is schema.from: it has run before`);
  const end = ids.at(-1) ?? from;
  if (end !== undefined && end !== to) faults.push(`ends at ${end}, but schema.to is ${to}`);
  return faults.map((message) => ({ code: "custom", path: ["migrations"], message }));
}

/** Ids of a release's migrations that come after a revision of its. */
export function migrationsAfter(
  { schema, migrations }: { readonly schema: { readonly to: string }; readonly migrations: readonly Migration[] },
  revision: string,
): readonly string[] {
  const ids = migrations.map(({ id }) => id);
  return revision === schema.to ? [] : ids.slice(ids.indexOf(revision) + 1);
}
