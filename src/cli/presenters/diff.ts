import { z } from "zod";
import { assertNever } from "../../domain/assert-never.ts";
import type { ObjectDrift } from "../../domain/diff/drift.ts";
import { formatPath } from "../../domain/diff/field-path.ts";
import type { ManifestChanges, ObjectChange } from "../../domain/diff/manifest-changes.ts";
import type { ShownChange } from "../../domain/diff/mask.ts";
import { counted } from "../../domain/units.ts";
import type { DiffResult } from "../../workflow/diff/diff.ts";
import { driftText, objectChangeText, restartRow } from "./diff-text.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";
import { type Style, table } from "./style.ts";

const objectSchema = z.strictObject({ apiVersion: z.string(), kind: z.string(), namespace: z.string(), name: z.string() });

const fieldSchema = z.strictObject({
  path: z.string(),
  change: z.enum(["added", "removed", "changed", "reordered"]),
  /** True: a secret, whose values are not told. */
  masked: z.boolean(),
  /** Absent when the field was not there, or is masked; of a list in another order its keys. */
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});

const driftedSchema = z.strictObject({
  path: z.string(),
  masked: z.boolean(),
  /** Absent when the manifest does not have the item, or the value is masked. */
  manifest: z.unknown().optional(),
  /** Absent when the field is not there, or is masked. */
  live: z.unknown().optional(),
  /** Who set the field, from the object's managedFields; absent when nobody owns it. */
  owner: z
    .strictObject({ manager: z.string(), operation: z.string(), subresource: z.string().optional(), time: z.string().optional() })
    .optional(),
});

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Diff"),
  release: z.string(),
  namespace: z.string(),
  /** Of the release that would be applied, else of the installed one. */
  profile: z.string().optional(),
  /** Absent when nothing is installed. */
  installed: z.strictObject({ revision: z.int(), status: z.string(), version: z.string() }).optional(),
  /** Version of the release that would be applied; absent when only drift was asked for. */
  wanted: z.string().optional(),
  /** Objects of the installed release that were compared with the cluster. */
  compared: z.int(),
  counts: z.strictObject({
    added: z.int(),
    removed: z.int(),
    kept: z.int(),
    changed: z.int(),
    drifted: z.int(),
    gone: z.int(),
    unknown: z.int(),
  }),
  /** Absent when only drift was asked for. */
  changes: z
    .array(
      z.discriminatedUnion("change", [
        z.strictObject({ change: z.enum(["added", "removed", "kept"]), object: objectSchema }),
        z.strictObject({
          change: z.literal("changed"),
          object: objectSchema,
          fields: z.array(fieldSchema),
          /** Labels of the version and checksums that change besides. */
          incidental: z.int(),
        }),
      ]),
    )
    .optional(),
  /** Workloads whose pods would be replaced, with the fields of the template by which they are. */
  restarts: z.array(z.strictObject({ object: objectSchema, fields: z.array(z.string()) })).optional(),
  drift: z.array(
    z.discriminatedUnion("state", [
      z.strictObject({ state: z.literal("drifted"), object: objectSchema, fields: z.array(driftedSchema) }),
      z.strictObject({ state: z.literal("gone"), object: objectSchema }),
      z.strictObject({ state: z.literal("unknown"), object: objectSchema, why: z.string() }),
    ]),
  ),
  fix: z.string().optional(),
});

type Counts = z.infer<typeof schema>["counts"];

/** What an install would change and what drifted, object by object; ends with what would restart. */
export const diffPresenter: Presenter<Sized<DiffResult>> = { name: "diff", schema, json, text };

function json({
  release,
  namespace,
  profile,
  installed,
  wanted,
  compared,
  changes,
  drift,
  fix,
}: Sized<DiffResult>): z.infer<typeof schema> {
  return {
    apiVersion: "migratectl/v1",
    kind: "Diff",
    release,
    namespace,
    ...(profile === undefined ? {} : { profile }),
    ...(installed === undefined
      ? {}
      : { installed: { revision: installed.revision, status: installed.status, version: installed.appVersion } }),
    ...(wanted === undefined ? {} : { wanted }),
    compared,
    counts: countsOf(changes, drift),
    ...(changes === undefined
      ? {}
      : {
          changes: changes.objects.map(changeJson),
          restarts: changes.restarts.map(({ object, fields }) => ({ object, fields: fields.map(formatPath) })),
        }),
    drift: drift.map(driftJson),
    ...(fix === undefined ? {} : { fix }),
  };
}

function changeJson(change: ObjectChange): NonNullable<z.infer<typeof schema>["changes"]>[number] {
  if (change.kind !== "changed") return { change: change.kind, object: change.object };
  return { change: "changed", object: change.object, fields: change.fields.map(fieldJson), incidental: change.incidental };
}

function fieldJson({ kind, path, ...rest }: ShownChange): z.infer<typeof fieldSchema> {
  const where = formatPath(path);
  if (kind === "masked") return { path: where, change: "change" in rest ? rest.change : "changed", masked: true };
  return { path: where, change: kind, masked: false, ...rest };
}

function driftJson(drift: ObjectDrift): z.infer<typeof schema>["drift"][number] {
  const { kind: state, object } = drift;
  switch (state) {
    case "gone":
      return { state, object };
    case "unknown":
      return { state, object, why: drift.why };
    case "drifted":
      return {
        state,
        object,
        fields: drift.fields.map(({ change, owner }) => {
          const { path, masked, before, after } = fieldJson(change);
          return {
            path,
            masked,
            ...(before === undefined ? {} : { manifest: before }),
            ...(after === undefined ? {} : { live: after }),
            ...(owner === undefined ? {} : { owner }),
          };
        }),
      };
    default:
      return assertNever(state);
  }
}

function countsOf(changes: ManifestChanges | undefined, drift: readonly ObjectDrift[]): Counts {
  const of = (kind: ObjectChange["kind"]) => changes?.objects.filter((one) => one.kind === kind).length ?? 0;
  const states = (kind: ObjectDrift["kind"]) => drift.filter((one) => one.kind === kind).length;
  return {
    ...{ added: of("added"), removed: of("removed"), kept: of("kept"), changed: of("changed") },
    ...{ drifted: states("drifted"), gone: states("gone"), unknown: states("unknown") },
  };
}

function text(result: Sized<DiffResult>, style: Style): string {
  const { namespace, changes, drift, fix } = result;
  const since = result.installed === undefined ? "" : ` since revision ${result.installed.revision}`;
  return [
    heading(result, style),
    ...(changes === undefined || changes.objects.length === 0
      ? []
      : [style.bold("Would change"), changes.objects.map((one) => objectChangeText(one, namespace, style)).join("\n")]),
    ...(drift.length === 0
      ? []
      : [
          style.bold(`Changed in the cluster${since}`),
          drift.map((one) => driftText(one, namespace, style)).join("\n"),
          ...(fix === undefined ? [] : [`${style.dim("fix")}  ${fix}`]),
        ]),
    ...(changes === undefined ? [] : [restartsText(changes, namespace, style)]),
  ].join("\n\n");
}

function heading({ release, namespace, profile, installed, wanted, compared, changes, drift }: Sized<DiffResult>, style: Style): string {
  const { added, removed, kept, changed, drifted, gone, unknown } = countsOf(changes, drift);
  const rows = [
    ["installed", installed === undefined ? "nothing" : `${installed.appVersion}, revision ${installed.revision}, ${installed.status}`],
    ...(wanted === undefined ? [] : [["compared", `with ${wanted}`]]),
    ...(changes === undefined
      ? []
      : [
          [
            "changes",
            tally(
              [
                [added, "added", style.green],
                [removed, "removed", style.red],
                [kept, "kept", style.yellow],
                [changed, "changed", style.yellow],
              ],
              "none",
            ),
          ],
        ]),
    ...(installed === undefined
      ? []
      : [
          [
            "drift",
            `${tally(
              [
                [drifted, "drifted", style.yellow],
                [gone, "gone", style.red],
                [unknown, "unknown", style.cyan],
              ],
              "none",
            )} of ${counted(compared, "object")}`,
          ],
        ]),
  ];
  const title = `${style.bold(`Diff: ${release}`)} in namespace ${namespace}${profilePhrase(profile, style)}`;
  return [title, table(rows.map(([name = "", value = ""]) => [style.dim(name), value]))].join("\n");
}

function tally(parts: readonly (readonly [number, string, (text: string) => string])[], none: string): string {
  const told = parts.flatMap(([count, word, paint]) => (count === 0 ? [] : [paint(`${count} ${word}`)]));
  return told.length === 0 ? none : told.join(", ");
}

function restartsText({ restarts }: ManifestChanges, namespace: string, style: Style): string {
  if (restarts.length === 0) return style.bold("No pod would restart");
  const rows = restarts.map((restart) => restartRow(restart, namespace));
  return [
    style.bold(`Pods of ${counted(restarts.length, "workload")} would restart`),
    table(rows.map(([name = "", causes = ""]) => [`  ${name}`, style.dim(causes)])),
  ].join("\n");
}
