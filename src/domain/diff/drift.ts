import { z } from "zod";
import { assertNever } from "../assert-never.ts";
import type { ManifestObject } from "../manifest/objects.ts";
import { groupOf, type ObjectReference, type ReleaseObject } from "../manifest/release-objects.ts";
import type { Reading } from "../reading.ts";
import { comparable } from "./comparable.ts";
import { departures } from "./compare.ts";
import type { FieldPath } from "./field-path.ts";
import { type FieldOwner, type ManagedFields, ownerOf } from "./managed-fields.ts";
import { type ShownChange, shownChange } from "./mask.ts";

/** An object as the cluster holds it. */
export interface LiveObject {
  readonly body: ManifestObject;
  readonly managedFields: readonly ManagedFields[];
}

/** A field that is not as the manifest says: `before` is the manifest's value, `after` the live one. */
export interface DriftedField {
  readonly change: ShownChange;
  /** Absent when nobody owns it. */
  readonly owner: FieldOwner | undefined;
}

/** One object that is not as its manifest says, or of which that cannot be told. */
export type ObjectDrift =
  | { readonly kind: "drifted"; readonly object: ObjectReference; readonly fields: readonly DriftedField[] }
  | { readonly kind: "gone"; readonly object: ObjectReference }
  | { readonly kind: "unknown"; readonly object: ObjectReference; readonly why: string };

const scalerSchema = z.object({
  kind: z.enum(["HorizontalPodAutoscaler", "ScaledObject"]),
  spec: z.object({ scaleTargetRef: z.object({ kind: z.string().default("Deployment"), name: z.string() }) }),
});

/** Identity of an object: what no field of it can drift in. */
const identity = new Set(["apiVersion", "kind"]);

/**
 * How a release's objects differ from their manifests, in the fields that the manifests name: `seen` has each of them as the cluster holds it,
 * in the same order. The number of pods of what is scaled by an autoscaler of the release is the autoscaler's.
 */
export function driftOf(objects: readonly ReleaseObject[], seen: readonly Reading<LiveObject | undefined>[]): readonly ObjectDrift[] {
  const scaled = scaledWorkloads(objects);
  return objects.flatMap((object, index) => {
    const live = seen[index];
    return live === undefined ? [] : driftOfOne(object, live, scaled);
  });
}

function driftOfOne(object: ReleaseObject, live: Reading<LiveObject | undefined>, scaled: ReadonlySet<string>): readonly ObjectDrift[] {
  const { reference, passing } = object;
  switch (live.kind) {
    case "denied":
      return [{ kind: "unknown", object: reference, why: `the right to ${live.verb} ${live.resource} is missing` }];
    case "unavailable":
      return [{ kind: "unknown", object: reference, why: live.message }];
    case "known": {
      if (live.value === undefined) return passing ? [] : [{ kind: "gone", object: reference }];
      const fields = driftedFields(object, live.value, scaled);
      return fields.length === 0 ? [] : [{ kind: "drifted", object: reference, fields }];
    }
    default:
      return assertNever(live);
  }
}

function driftedFields({ reference, body }: ReleaseObject, live: LiveObject, scaled: ReadonlySet<string>): readonly DriftedField[] {
  const { kind, name } = reference;
  const actual = comparable(live.body);
  return departures(comparable(body), actual, isBuiltIn(groupOf(reference)))
    .filter(({ path }) => !(typeof path[0] === "string" && identity.has(path[0])) && !(scaled.has(`${kind}/${name}`) && isReplicas(path)))
    .map((change) => ({ change: shownChange(kind, change), owner: ownerOf(change.path, actual, live.managedFields) }));
}

function isReplicas(path: FieldPath): boolean {
  return path.length === 2 && path[0] === "spec" && path[1] === "replicas";
}

/** `Deployment/backend` of everything that an autoscaler among the objects scales. */
function scaledWorkloads(objects: readonly ReleaseObject[]): ReadonlySet<string> {
  return new Set(
    objects.flatMap(({ body }) => {
      const { data } = scalerSchema.safeParse(body);
      return data === undefined ? [] : [`${data.spec.scaleTargetRef.kind}/${data.spec.scaleTargetRef.name}`];
    }),
  );
}

/** Groups of Kubernetes itself have no domain, or its own; custom resources are kept as they were given. */
function isBuiltIn(group: string): boolean {
  return !group.includes(".") || group.endsWith(".k8s.io");
}
