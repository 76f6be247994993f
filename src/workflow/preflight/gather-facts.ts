import { allOf } from "../../domain/all-of.ts";
import type { Answers } from "../../domain/answers/answers.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { Facts } from "../../domain/facts/facts.ts";
import { installMode } from "../../domain/facts/install-mode.ts";
import { known, type Reading, unavailable } from "../../domain/reading.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterFacts } from "../../ports/cluster-facts.ts";
import type { Helm } from "../../ports/helm.ts";
import type { HostFacts } from "../../ports/host-facts.ts";
import type { Progress } from "../../ports/progress.ts";
import type { RegistryReader, RegistryTarget } from "../../ports/registry.ts";
import { bounded } from "./bounded.ts";

/** What facts are gathered through; nothing here can write. */
export interface FactPorts {
  readonly cluster: ClusterFacts;
  readonly host: HostFacts;
  readonly registry: RegistryReader;
  readonly helm: Pick<Helm, "version">;
  readonly clock: Pick<Clock, "now">;
  readonly progress: Progress;
}

/** What facts are gathered for. */
export interface FactQuestion {
  readonly answers: Answers;
  /** Paths of answers that nobody gave yet; what stands for them is not asked about. */
  readonly undecided: ReadonlySet<string>;
  /** The registry with its secrets resolved; undefined when none was named, `unavailable` when its secrets cannot be had. */
  readonly registry: Reading<RegistryTarget> | undefined;
}

/** Questions asked of the API server at once. */
const atOnce = 8;

const action = { id: "gather-facts", title: "Reading the cluster, the registry and this host" } as const;

/**
 * Reads everything, at most eight questions at a time; what is denied or broken becomes a reading of its own.
 * @throws Problem CLUSTER_* when there is no cluster to ask at all, or what `signal` was aborted with
 */
export async function gatherFacts(ports: FactPorts, question: FactQuestion, signal: AbortSignal): Promise<Facts> {
  const { progress } = ports;
  progress.tell({ kind: "started", ...action });
  try {
    const facts = await gather(ports, question, signal);
    progress.tell({ kind: "done", id: action.id, note: `${facts.cluster.context}, Kubernetes ${facts.cluster.version}` });
    return facts;
  } catch (error) {
    progress.tell({ kind: "failed", id: action.id, what: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

async function gather(ports: FactPorts, { answers, undecided, registry }: FactQuestion, signal: AbortSignal): Promise<Facts> {
  const { cluster, host } = ports;
  const { namespace } = answers.release;
  const moment = ports.clock.now().toISOString();
  const identity = await cluster.cluster(signal);
  const run = bounded(atOnce);
  const tally = { done: 0, total: 0 };
  const ask = <T>(note: string, question: () => Promise<T>): Promise<T> => {
    tally.total += 1;
    return run(question).finally(() => {
      tally.done += 1;
      ports.progress.tell({ kind: "advanced", id: action.id, advance: { ...tally, unit: "items", note } });
    });
  };
  const state = ask("namespace", () => cluster.namespace(namespace, signal));
  const rights = state.then((found) => {
    const createsNamespace = answers.release.createNamespace && found.kind === "known" && !found.value.exists;
    return ask("rights", () => cluster.rights(namespace, installMode(answers, createsNamespace), signal));
  });
  const { enabled, tls } = answers.ingress;
  const hostname = undecided.has("ingress.host") ? undefined : answers.ingress.host;
  const certificate = enabled && tls.mode === "files" ? ask("certificate", () => host.certificate(tls, hostname, signal)) : undefined;
  const addresses = enabled && hostname !== undefined ? ask("name of the ingress", () => host.resolve(hostname, signal)) : undefined;
  const probe = registry === undefined ? undefined : ask("registry", () => probeRegistry(ports.registry, registry, signal));
  const parts = await allOf({
    discovery: ask("API groups", () => cluster.discovery(signal)),
    nodes: ask("nodes", () => cluster.nodes(signal)),
    pods: ask("pods", () => cluster.pods(namespace, signal)),
    storageClasses: ask("storage classes", () => cluster.storageClasses(signal)),
    storageCapacities: ask("storage capacity", () => cluster.storageCapacities(signal)),
    provisioners: ask("provisioners", () => cluster.provisioners(signal)),
    volumes: ask("volumes", () => cluster.volumes(signal)),
    ingressClasses: ask("ingress classes", () => cluster.ingressClasses(signal)),
    priorityClasses: ask("priority classes", () => cluster.priorityClasses(signal)),
    namespace: state,
    quotas: ask("quotas", () => cluster.quotas(namespace, signal)),
    limits: ask("limit ranges", () => cluster.limits(namespace, signal)),
    helmRevisions: ask("Helm releases", () => cluster.helmRevisions(namespace, signal)),
    recordedApis: ask("Helm's record", () => cluster.recordedApis({ release: answers.release.name, namespace }, signal)),
    claims: ask("claims", () => cluster.claims(namespace, signal)),
    rights,
    host: ask("this host", async () => ({ ...(await host.host(signal)), helm: await helmVersion(ports.helm, signal) })),
    registry: probe,
    ingressAddresses: addresses,
    certificate,
  });
  const { registry: registryFact, ingressAddresses, certificate: certificateFact, ...rest } = parts;
  return {
    apiVersion: "migratectl/v1",
    kind: "Facts",
    moment,

    cluster: identity,
    namespaceName: namespace,
    ...rest,
    ...(registryFact === undefined ? {} : { registry: registryFact }),
    ...(ingressAddresses === undefined ? {} : { ingressAddresses }),
    ...(certificateFact === undefined ? {} : { certificate: certificateFact }),
  };
}

async function probeRegistry(
  reader: RegistryReader,
  target: Reading<RegistryTarget>,
  signal: AbortSignal,
): Promise<NonNullable<Facts["registry"]>> {
  if (target.kind !== "known") return target;
  try {
    return known(await reader.probe(target.value, signal));
  } catch (error) {
    if (error instanceof Problem && !signal.aborted) return unavailable(error.message);
    throw error;
  }
}

async function helmVersion(helm: Pick<Helm, "version">, signal: AbortSignal): Promise<Reading<string>> {
  try {
    return known(await helm.version(signal));
  } catch (error) {
    if (error instanceof Problem && !signal.aborted) return unavailable(error.message);
    throw error;
  }
}
