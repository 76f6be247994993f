import { Problem } from "../../src/domain/errors/problem.ts";
import { known, type Reading, type Unread } from "../../src/domain/reading.ts";
import type { LogSource, RolloutFacts } from "../../src/domain/rollout/workload.ts";
import type {
  Autoscaler,
  BackupJob,
  EntryPoint,
  HelmFacts,
  PublicCertificate,
  ServiceFact,
} from "../../src/domain/status/release-facts.ts";
import type { ClusterWorkloads, ReleaseScope } from "../../src/ports/cluster-workloads.ts";
import { facts } from "./rollout-objects.ts";

/** What a {@link FakeWorkloads} holds of one release; a test changes it between two looks, and whoever watches is told of new facts. */
export class FakeRelease {
  logs: ReadonlyMap<string, readonly string[]> = new Map();
  entryPoints: Reading<readonly EntryPoint[]> = known([]);
  services: Reading<readonly ServiceFact[]> = known([]);
  autoscalers: Reading<readonly Autoscaler[]> = known([]);
  cronJobs: Reading<readonly BackupJob[]> = known([]);
  /** TLS Secrets of the release's namespace; one that holds no certificate is unavailable. */
  certificates: ReadonlyMap<string, PublicCertificate | Unread> = new Map();
  helm: Reading<HelmFacts | undefined> = known(undefined);
  /** Thrown instead of the facts, once per entry. */
  failures: Error[] = [];
  /** False: watching gives nothing, as through a proxy that holds answers back. */
  watchable = true;
  readonly watchers = new Set<() => void>();
  private current: RolloutFacts;

  constructor(namespace: string) {
    this.current = facts({ namespace });
  }

  get facts(): RolloutFacts {
    return this.current;
  }

  set facts(changed: RolloutFacts) {
    this.current = changed;
    if (this.watchable) for (const tell of this.watchers) tell();
  }
}

/** A cluster in memory: keeps what a test puts into its releases and answers as a real one would. Everything else is empty. */
export class FakeWorkloads implements ClusterWorkloads {
  /** The release that most tests are about. */
  readonly release: FakeRelease;
  /** How often facts were read. */
  looks = 0;
  private readonly releases = new Map<string, FakeRelease>();

  constructor(scope: ReleaseScope = { release: "migrate-platform", namespace: "client-acme" }) {
    this.release = this.at(scope);
  }

  /** The release of that name; an empty one is made where there is none. */
  at({ release, namespace }: ReleaseScope): FakeRelease {
    const key = `${namespace}/${release}`;
    const found = this.releases.get(key) ?? new FakeRelease(namespace);
    this.releases.set(key, found);
    return found;
  }

  async rollout(scope: ReleaseScope, signal: AbortSignal): Promise<RolloutFacts> {
    signal.throwIfAborted();
    this.looks += 1;
    const release = this.at(scope);
    const failure = release.failures.shift();
    if (failure !== undefined) throw failure;
    const { events } = release.facts;
    if (events.kind !== "known") return release.facts;
    return { ...release.facts, events: known(events.value.toSorted((a, b) => a.at.getTime() - b.at.getTime())) };
  }

  watch(scope: ReleaseScope, changed: () => void, signal: AbortSignal): void {
    const { watchers } = this.at(scope);
    watchers.add(changed);
    signal.addEventListener("abort", () => watchers.delete(changed), { once: true });
  }

  async logTail(
    namespace: string,
    { pod, container, previous }: LogSource,
    lines: number,
    signal: AbortSignal,
  ): Promise<Reading<readonly string[]>> {
    signal.throwIfAborted();
    const found = this.firstOf(namespace, ({ logs }) => logs.get(`${pod}/${container}/${previous ? "previous" : "current"}`));
    return found === undefined
      ? { kind: "unavailable", message: `container "${container}" in pod "${pod}" has no such log` }
      : known(found.slice(-lines));
  }

  async entryPoints(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<readonly EntryPoint[]>> {
    signal.throwIfAborted();
    return this.at(scope).entryPoints;
  }

  async services(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<readonly ServiceFact[]>> {
    signal.throwIfAborted();
    return this.at(scope).services;
  }

  async autoscalers(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<readonly Autoscaler[]>> {
    signal.throwIfAborted();
    return this.at(scope).autoscalers;
  }

  async cronJobs(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<readonly BackupJob[]>> {
    signal.throwIfAborted();
    return this.at(scope).cronJobs;
  }

  async certificate(namespace: string, secret: string, signal: AbortSignal): Promise<Reading<PublicCertificate | undefined>> {
    signal.throwIfAborted();
    const found = this.firstOf(namespace, ({ certificates }) => certificates.get(secret));
    return found !== undefined && "kind" in found ? found : known(found);
  }

  async helmRelease(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<HelmFacts | undefined>> {
    signal.throwIfAborted();
    return this.at(scope).helm;
  }

  /** The cluster as somebody sees it who has every right in one namespace and none outside of it. */
  seenFrom(own: string): ClusterWorkloads {
    const denied = (verb: string, resource: string) => ({ kind: "denied", verb, resource, message: `cannot ${verb} ${resource}` }) as const;
    const inside =
      <A extends readonly unknown[], T>(verb: string, resource: string, read: (scope: ReleaseScope, ...rest: A) => Promise<Reading<T>>) =>
      async (scope: ReleaseScope, ...rest: A): Promise<Reading<T>> =>
        scope.namespace === own ? await read(scope, ...rest) : denied(verb, resource);
    return {
      rollout: async (scope, signal) => {
        if (scope.namespace !== own) throw new Problem("CLUSTER_FORBIDDEN", { what: `cannot list pods in ${scope.namespace}` });
        return { ...(await this.rollout(scope, signal)), storageClasses: denied("list", "storageclasses"), nodes: denied("list", "nodes") };
      },
      watch: (scope, changed, signal) => {
        if (scope.namespace === own) this.watch(scope, changed, signal);
        // A watch that is refused tells of a change on suspicion.
        else queueMicrotask(changed);
      },
      logTail: async (namespace, ...rest) => (namespace === own ? await this.logTail(namespace, ...rest) : denied("get", "pods/log")),
      entryPoints: inside("list", "ingresses.networking.k8s.io", (...call) => this.entryPoints(...call)),
      services: inside("list", "services", (...call) => this.services(...call)),
      autoscalers: inside("list", "horizontalpodautoscalers", (...call) => this.autoscalers(...call)),
      cronJobs: inside("list", "cronjobs", (...call) => this.cronJobs(...call)),
      certificate: async (namespace, secret, signal) =>
        namespace === own ? await this.certificate(namespace, secret, signal) : denied("get", `secrets/${secret}`),
      helmRelease: inside("list", "secrets", (...call) => this.helmRelease(...call)),
    };
  }

  private firstOf<T>(namespace: string, find: (release: FakeRelease) => T | undefined): T | undefined {
    for (const [key, release] of this.releases) {
      const found = key.startsWith(`${namespace}/`) ? find(release) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
