import type { Draft } from "../domain/answers/draft.ts";
import { Problem } from "../domain/errors/problem.ts";
import type { ClusterOffer, ClusterOffers, OfferedContexts } from "../ports/cluster-offers.ts";
import { textAt } from "./question.ts";

/** The release that the answers are for, where it is known. */
export interface KnownRelease {
  /** Told before anything else. */
  readonly intro: readonly string[];
  /** Paths of answers that are asked for in any case. */
  readonly asks: ReadonlySet<string>;
  /** What speaks against a cluster, each with what to do about it. */
  readonly remarks: (cluster: ClusterOffer) => readonly string[];
}

/** What looking at a cluster needs. */
export interface LookPorts {
  readonly offers: ClusterOffers;
  readonly release?: KnownRelease | undefined;
  readonly tell: (text: string) => void;
}

/**
 * What the answers' cluster offers, and what the release has against it, which is told and stops nobody: the cluster may be another one by
 * the day of the installation. One that does not answer is no reason to stop either: undefined.
 * @throws Problem CANCELLED
 */
export async function look(
  { draft, contexts }: { readonly draft: Draft; readonly contexts: OfferedContexts },
  { offers, release, tell }: LookPorts,
  signal: AbortSignal,
): Promise<ClusterOffer | undefined> {
  if (contexts.names.length === 0) {
    tell("No kubeconfig was found: going on without looking at a cluster.");
    return undefined;
  }
  try {
    const cluster = await offers.cluster(textAt({ draft }, "cluster.context"), signal);
    tell(`Kubernetes ${cluster.version} answers.`);
    for (const remark of release?.remarks(cluster) ?? []) tell(remark);
    return cluster;
  } catch (error) {
    if (!(error instanceof Problem) || error.exit === "cancelled") throw error;
    tell(`The cluster cannot be asked (${error.message}): going on without it.`);
    return undefined;
  }
}

/** As {@link look}, for answers that nobody is asked about. @throws Problem CANCELLED */
export async function lookUnasked(draft: Draft, ports: LookPorts, signal: AbortSignal): Promise<void> {
  for (const text of ports.release?.intro ?? []) ports.tell(text);
  await look({ draft, contexts: await ports.offers.contexts() }, ports, signal);
}
