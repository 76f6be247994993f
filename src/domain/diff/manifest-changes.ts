import { isObject, type ManifestObject } from "../manifest/objects.ts";
import { groupOf, type ObjectReference, type ReleaseObject } from "../manifest/release-objects.ts";
import { comparable } from "./comparable.ts";
import { changedFields, type FieldChange } from "./compare.ts";
import { type FieldPath, isBelow } from "./field-path.ts";
import { isIncidental } from "./incidental.ts";
import { type ShownChange, shownChange } from "./mask.ts";

/** What becomes of one object. */
export type ObjectChange =
  | { readonly kind: "added" | "removed"; readonly object: ObjectReference }
  /** No longer of the release, and left in the cluster by Helm. */
  | { readonly kind: "kept"; readonly object: ObjectReference }
  | {
      readonly kind: "changed";
      readonly object: ObjectReference;
      readonly fields: readonly ShownChange[];
      /** How many more fields change that do with every version: labels of it, and checksums. */
      readonly incidental: number;
    };

/** A workload whose pods are replaced, and the fields of their template by which they are. */
export interface Restart {
  readonly object: ObjectReference;
  readonly fields: readonly FieldPath[];
}

/** What the manifests of another release change. */
export interface ManifestChanges {
  readonly objects: readonly ObjectChange[];
  readonly restarts: readonly Restart[];
}

/** Kinds whose controllers replace pods when their template changes. */
const restarting = new Set(["Deployment", "StatefulSet", "DaemonSet"]);

/** What turns the objects of one release into those of another; unchanged objects are not told. */
export function manifestChanges(before: readonly ReleaseObject[], after: readonly ReleaseObject[]): ManifestChanges {
  const [old, now] = [byIdentity(before), byIdentity(after)];
  const objects: ObjectChange[] = [];
  const restarts: Restart[] = [];
  for (const [identity, { reference, body }] of now) {
    const was = old.get(identity);
    if (was === undefined) {
      objects.push({ kind: "added", object: reference });
      continue;
    }
    const fields = changedFields(comparable(was.body), comparable(body));
    if (fields.length > 0) objects.push(changed(reference, fields));
    const restart = restartOf(reference, body, fields);
    if (restart !== undefined) restarts.push(restart);
  }
  for (const [identity, { reference, kept }] of old)
    if (!now.has(identity)) objects.push({ kind: kept ? "kept" : "removed", object: reference });
  return { objects, restarts };
}

/** Two versions of an API show the same object; so the version is no part of what an object is. */
function byIdentity(objects: readonly ReleaseObject[]): ReadonlyMap<string, ReleaseObject> {
  return new Map(
    objects.map((object) => {
      const { kind, namespace, name } = object.reference;
      return [[groupOf(object.reference), kind, namespace, name].join("/"), object];
    }),
  );
}

function changed(object: ObjectReference, fields: readonly FieldChange[]): ObjectChange {
  const told = fields.filter(({ path }) => !isIncidental(path));
  return {
    kind: "changed",
    object,
    fields: told.map((field) => shownChange(object.kind, field)),
    incidental: fields.length - told.length,
  };
}

function restartOf(object: ObjectReference, body: ManifestObject, fields: readonly FieldChange[]): Restart | undefined {
  const paths = fields.map(({ path }) => path).filter((path) => isBelow(path, ["spec", "template"]));
  if (groupOf(object) !== "apps" || !restarting.has(object.kind) || paths.length === 0 || isHeldBack(body)) return undefined;
  return { object, fields: paths };
}

/** Somebody replaces these pods by hand. */
function isHeldBack({ spec }: ManifestObject): boolean {
  const strategy = isObject(spec) ? spec["updateStrategy"] : undefined;
  return isObject(strategy) && strategy["type"] === "OnDelete";
}
