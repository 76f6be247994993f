import { known, type Reading } from "../../src/domain/reading.ts";
import type { LogSource, RolloutFacts } from "../../src/domain/rollout/workload.ts";
import type {
  Autoscaler,
  BackupJob,
  EntryPoint,
  HelmFacts,
  PublicCertificate,
  ServiceFact,
} from "../../src/domain/status/release-facts.ts";
import type { ClusterWorkloads } from "../../src/ports/cluster-workloads.ts";
import { facts } from "./rollout-objects.ts";

/** What a {@link FakeWorkloads} holds; a test changes it between two looks. */
export interface FakeRelease {
  facts: RolloutFacts;
  logs: ReadonlyMap<string, readonly string[]>;
  entryPoints: Reading<readonly EntryPoint[]>;
  services: Reading<readonly ServiceFact[]>;
  autoscalers: Reading<readonly Autoscaler[]>;
  cronJobs: Reading<readonly BackupJob[]>;
  certificates: ReadonlyMap<string, PublicCertificate>;
  helm: Reading<HelmFacts | undefined>;
  /** Thrown instead of the facts, once per entry. */
  failures: Error[];
}

/** A release in memory: keeps what a test puts in and answers as the cluster would. Other releases and namespaces are empty. */
export class FakeWorkloads implements ClusterWorkloads {
  readonly release: FakeRelease = {
    facts: facts(),
    logs: new Map(),
    entryPoints: known([]),
    services: known([]),
    autoscalers: known([]),
    cronJobs: known([]),
    certificates: new Map(),
    helm: known(undefined),
    failures: [],
  };
  /** How often the facts were read. */
  looks = 0;

  async rollout(_scope: unknown, signal: AbortSignal): Promise<RolloutFacts> {
    signal.throwIfAborted();
    this.looks += 1;
    const failure = this.release.failures.shift();
    if (failure !== undefined) throw failure;
    return this.release.facts;
  }

  async logTail(_namespace: string, { pod, container, previous }: LogSource, lines: number): Promise<Reading<readonly string[]>> {
    const found = this.release.logs.get(`${pod}/${container}/${previous ? "previous" : "current"}`);
    return found === undefined
      ? { kind: "unavailable", message: `container "${container}" in pod "${pod}" has no such log` }
      : known(found.slice(-lines));
  }

  async entryPoints(): Promise<Reading<readonly EntryPoint[]>> {
    return this.release.entryPoints;
  }

  async services(): Promise<Reading<readonly ServiceFact[]>> {
    return this.release.services;
  }

  async autoscalers(): Promise<Reading<readonly Autoscaler[]>> {
    return this.release.autoscalers;
  }

  async cronJobs(): Promise<Reading<readonly BackupJob[]>> {
    return this.release.cronJobs;
  }

  async certificate(_namespace: string, secret: string): Promise<Reading<PublicCertificate | undefined>> {
    return known(this.release.certificates.get(secret));
  }

  async helmRelease(): Promise<Reading<HelmFacts | undefined>> {
    return this.release.helm;
  }
}
