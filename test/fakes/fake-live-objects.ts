import type { LiveObject } from "../../src/domain/diff/drift.ts";
import type { ManagedFields } from "../../src/domain/diff/managed-fields.ts";
import type { ManifestObject } from "../../src/domain/manifest/objects.ts";
import { type ObjectReference, releaseObjects } from "../../src/domain/manifest/release-objects.ts";
import { known, type Reading } from "../../src/domain/reading.ts";
import type { LiveObjects } from "../../src/ports/live-objects.ts";

/** The objects of one cluster in memory, with the kinds that the user may not read. */
export class FakeLiveObjects implements LiveObjects {
  private readonly objects = new Map<string, LiveObject>();
  readonly hiddenKinds = new Set<string>();

  /** Makes the objects of these manifests as they are, owned by nobody. */
  apply(manifests: string, namespace: string): void {
    for (const { reference, body } of releaseObjects(manifests, namespace)) this.put(reference, body);
  }

  put(reference: ObjectReference, body: ManifestObject, managedFields: readonly ManagedFields[] = []): void {
    this.objects.set(keyOf(reference), { body, managedFields });
  }

  remove(reference: ObjectReference): void {
    this.objects.delete(keyOf(reference));
  }

  async read(objects: readonly ObjectReference[], signal: AbortSignal): Promise<readonly Reading<LiveObject | undefined>[]> {
    signal.throwIfAborted();
    return objects.map((one) =>
      this.hiddenKinds.has(one.kind)
        ? { kind: "denied", verb: "get", resource: `${one.kind.toLowerCase()}s`, message: "forbidden" }
        : known(this.objects.get(keyOf(one))),
    );
  }
}

function keyOf({ kind, namespace, name }: ObjectReference): string {
  return `${kind}/${namespace}/${name}`;
}
