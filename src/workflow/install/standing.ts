import { Problem } from "../../domain/errors/problem.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { Helm } from "../../ports/helm.ts";
import { planDigest } from "../plan-of.ts";
import { readRecord } from "../record-book.ts";
import { readJournal } from "../runner-journal.ts";
import type { InstallStart } from "../steps/start.ts";

/** States of an action whose end nobody has seen. */
const begun: ReadonlySet<string> = new Set(["running", "failed"]);

/**
 * How the cluster stands to the plan: `unchanged` when exactly this plan has been carried out last and Helm agrees; `cut-off` when an
 * interrupted installation was handing the chart to Helm, so that this run repairs what Helm was left with; else `open`.
 * @throws Problem INSTALL_OTHER_VERSION, INSTALL_OTHER_RUN
 */
export async function standing(
  ports: { readonly objects: ClusterObjects; readonly helm: Helm },
  start: InstallStart,
  plan: Plan,
  signal: AbortSignal,
): Promise<"open" | "cut-off" | "unchanged"> {
  const { name, namespace, release } = start;
  const journal = await readJournal(ports.objects, namespace, signal);
  const interrupted = journal !== undefined && !journal.finished;
  if (interrupted && journal.workflow !== "install") {
    throw new Problem("INSTALL_OTHER_RUN", {
      what: `run ${journal.run} (${journal.workflow}) was interrupted`,
      fix: `Finish it first: migratectl ${journal.workflow}`,
    });
  }
  const found = await ports.helm.find(name, namespace, signal);
  if (found === undefined || found.status === "uninstalled") return "open";
  if (found.appVersion !== release.version) {
    throw new Problem("INSTALL_OTHER_VERSION", {
      what: `release ${name} in namespace ${namespace} is version ${found.appVersion}; this is ${release.version}`,
    });
  }
  const last = (await readRecord(ports.objects, namespace, signal))?.record.entries.at(-1);
  const carriedOut = last?.workflow === "install" && last.outcome === "succeeded" && last.planDigest === planDigest(plan);
  if (interrupted) return journal.entries.some(({ id, state }) => id === "apply" && begun.has(state)) ? "cut-off" : "open";
  return carriedOut && found.status === "deployed" ? "unchanged" : "open";
}
