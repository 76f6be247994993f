import type { Belonging } from "../../src/domain/doctor/belonging.ts";
import type { NodeStats } from "../../src/domain/doctor/node-stats.ts";
import type { RecordedRelease } from "../../src/domain/manifest/recorded-release.ts";
import { known, type Reading } from "../../src/domain/reading.ts";
import type { ReleaseHealth } from "../../src/ports/release-health.ts";

/** What the health of one release hangs on, in memory; a test changes it between two looks. */
export class FakeReleaseHealth implements ReleaseHealth {
  record: Reading<RecordedRelease | undefined> = known({ objects: [], containers: [] });
  tls: Reading<readonly string[]> = known([]);
  /** Keys of each Secret that is there. */
  keys: ReadonlyMap<string, readonly string[]> = new Map();
  stats: Reading<NodeStats> = known({ claims: [], containers: [], silent: [] });
  objects: Reading<readonly Belonging[]> = known([]);
  /** Nodes whose kubelets were asked, at each look. */
  readonly asked: (readonly string[])[] = [];
  /** Names of what never answers. */
  readonly stuck = new Set<keyof ReleaseHealth>();

  recorded(_scope: unknown, signal: AbortSignal): Promise<Reading<RecordedRelease | undefined>> {
    return this.answer("recorded", this.record, signal);
  }

  tlsSecrets(_scope: unknown, signal: AbortSignal): Promise<Reading<readonly string[]>> {
    return this.answer("tlsSecrets", this.tls, signal);
  }

  secretKeys(_namespace: string, name: string, signal: AbortSignal): Promise<Reading<readonly string[] | undefined>> {
    return this.answer("secretKeys", known(this.keys.get(name)), signal);
  }

  nodeStats(nodes: readonly string[], _namespace: string, signal: AbortSignal): Promise<Reading<NodeStats>> {
    this.asked.push(nodes);
    return this.answer("nodeStats", this.stats, signal);
  }

  belongings(_scope: unknown, signal: AbortSignal): Promise<Reading<readonly Belonging[]>> {
    return this.answer("belongings", this.objects, signal);
  }

  private answer<T>(method: keyof ReleaseHealth, value: T, signal: AbortSignal): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (!this.stuck.has(method)) return Promise.resolve(value);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  }
}
