import { prettifyError, ZodError } from "zod";
import { checks } from "../../../preflight/checks.ts";
import { judge } from "../../../preflight/judge.ts";
import type { Answers } from "../../domain/answers/answers.ts";
import { didYouMean } from "../../domain/answers/did-you-mean.ts";
import { type Wanted, wantedFrom } from "../../domain/capacity/wanted-pods.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { Facts } from "../../domain/facts/facts.ts";
import type { Finding } from "../../domain/finding.ts";
import { manifestObjects } from "../../domain/manifest/objects.ts";
import { known, type Reading, unavailable } from "../../domain/reading.ts";
import type { Release } from "../../domain/release/release.ts";
import { apiVersionsOf } from "../../ports/cluster-facts.ts";
import type { RegistryTarget } from "../../ports/registry.ts";
import type { Capabilities } from "../render/render-release.ts";
import { type FactPorts, gatherFacts } from "./gather-facts.ts";

/** What preflight works through; nothing here writes to the cluster or the registry. */
export interface PreflightPorts extends FactPorts {
  /** Manifests of the release's chart with these answers. @throws Problem when there is no helm or chart, or the chart refuses */
  manifests(answers: Answers, capabilities: Capabilities, signal: AbortSignal): Promise<string>;
}

/** What preflight is about. */
export interface PreflightInput {
  readonly answers: Answers;
  /** Paths of answers that nobody gave yet: placeholders stand there. Empty when everything is decided. */
  readonly undecided: ReadonlySet<string>;
  /** The registry with its secrets resolved; undefined when none was named, `unavailable` when its secrets cannot be had. */
  readonly registry: Reading<RegistryTarget> | undefined;
  /** The release of the bundle; absent without one. */
  readonly release?: Release | undefined;
  /** Reasons by id of the checks whose failure does not count. */
  readonly skips: ReadonlyMap<string, string>;
}

/** What preflight found, and the facts it is based on. */
export interface PreflightResult {
  readonly facts: Facts;
  readonly findings: readonly Finding[];
}

/**
 * Gathers the facts, renders the chart, runs every check and tells every finding, in the order of the list. Reads only.
 * @throws Problem USAGE for a skip of an unknown check, CLUSTER_* when there is no cluster to ask
 */
export async function runPreflight(ports: PreflightPorts, input: PreflightInput, signal: AbortSignal): Promise<PreflightResult> {
  checkSkips(input.skips);
  const facts = await gatherFacts(ports, input, signal);
  const wanted = await wantedPods(ports, input.answers, facts, signal);
  const { answers, undecided, release, skips } = input;
  const findings = judge(checks, { facts, answers, undecided, wanted, ...(release === undefined ? {} : { release }) }, skips);
  return { facts, findings };
}

async function wantedPods(ports: PreflightPorts, answers: Answers, facts: Facts, signal: AbortSignal): Promise<Reading<Wanted>> {
  const capabilities = {
    kubeVersion: facts.cluster.version,
    apiVersions: facts.discovery.kind === "known" ? apiVersionsOf(facts.discovery.value) : [],
  };
  try {
    const manifests = await ports.manifests(answers, capabilities, signal);
    return known(parseWanted(manifests));
  } catch (error) {
    if (signal.aborted || !(error instanceof Problem)) throw error;
    return unavailable(error.message);
  }
}

/** Manifests that are no Kubernetes objects are the chart's fault and no reason to keep the other findings back. */
function parseWanted(manifests: string): Wanted {
  try {
    return wantedFrom(manifestObjects(manifests));
  } catch (cause) {
    const reason = cause instanceof ZodError ? prettifyError(cause) : String(cause);
    throw new Problem("CHART_REFUSED", { what: `the rendered chart holds a workload that cannot be read: ${reason}`, cause });
  }
}

function checkSkips(skips: ReadonlyMap<string, string>): void {
  const ids = checks.map(({ id }) => id);
  for (const id of skips.keys()) {
    if (ids.includes(id)) continue;
    const near = didYouMean(id, ids);
    throw new Problem("USAGE", {
      what: `there is no check "${id}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
      fix: `The checks are: ${ids.join(", ")}`,
    });
  }
}
