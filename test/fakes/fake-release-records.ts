import type { Discovery } from "../../src/domain/facts/facts.ts";
import type { Versioned, WriteResult } from "../../src/ports/cluster-objects.ts";
import type { ReleaseRecords } from "../../src/ports/release-records.ts";

/** Helm's records of one release in memory, with the versions that an API server gives. */
export class FakeReleaseRecords implements ReleaseRecords {
  discovery: Discovery = { served: [], broken: [] };
  /** Manifests by revision. */
  readonly kept = new Map<number, { status: string; manifests: string; version: number }>();
  /** Revisions that were written, in order. */
  readonly written: number[] = [];
  /** Writes of somebody else that come in between, so many. */
  rivals = 0;

  add(status: string, manifests: string): void {
    for (const one of this.kept.values()) if (status === "deployed" && one.status === "deployed") one.status = "superseded";
    this.kept.set(this.kept.size + 1, { status, manifests, version: 1 });
  }

  async revisions() {
    return [...this.kept].map(([revision, { status }]) => ({ revision, status }));
  }

  async manifests(_: unknown, revision: number): Promise<Versioned<string> | undefined> {
    const found = this.kept.get(revision);
    return found && { value: found.manifests, version: String(found.version) };
  }

  async replaceManifests(_: unknown, revision: number, manifests: string, version: string): Promise<WriteResult> {
    const found = this.kept.get(revision);
    if (found !== undefined && this.rivals > 0) {
      this.rivals -= 1;
      found.version += 1;
    }
    if (found === undefined || String(found.version) !== version) return { kind: "conflict" };
    Object.assign(found, { manifests, version: found.version + 1 });
    this.written.push(revision);
    return { kind: "written", version: String(found.version) };
  }

  async served(): Promise<Discovery> {
    return this.discovery;
  }
}
