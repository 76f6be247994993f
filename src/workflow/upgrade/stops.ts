import { compare } from "semver";
import { Problem } from "../../domain/errors/problem.ts";
import { type PathRelease, upgradePath } from "../../domain/upgrade/path.ts";
import type { Helm } from "../../ports/helm.ts";
import { readSituation, type SituationPorts, unfinishedJournal } from "../run/situation.ts";

/** What the stops on the way are found through. */
export interface StopPorts extends SituationPorts {
  readonly helm: Pick<Helm, "find" | "history">;
}

/**
 * The releases at hand through which an installed one is upgraded, in order, the last one `to` or the newest; an upgrade that was interrupted
 * begins where it began. Reads only.
 * @throws Problem UPGRADE_NOTHING, UPGRADE_STOP_MISSING, UPGRADE_OUT_OF_RANGE, UPGRADE_SAME_VERSION, UPGRADE_DOWNGRADE, USAGE when `to` is not at hand
 */
export async function stopsTo<R extends PathRelease>(
  ports: StopPorts,
  { name, namespace, to }: { readonly name: string; readonly namespace: string; readonly to: string | undefined },
  atHand: readonly R[],
  signal: AbortSignal,
): Promise<readonly R[]> {
  const sorted = atHand.toSorted((one, other) => compare(one.version, other.version));
  const target = to === undefined ? sorted.at(-1) : sorted.find(({ version }) => version === to);
  if (target === undefined) {
    const there = sorted.map(({ version }) => version).join(", ");
    throw new Problem("USAGE", {
      what: `there is no bundle of ${to ?? "any release"} at hand${there === "" ? "" : `, only of ${there}`}`,
      fix: "Give the folder in which the bundles of the release and of all stops before it lie.",
    });
  }
  const situation = await readSituation(ports, { name, namespace }, signal);
  const begun = unfinishedJournal(situation)?.plan;
  const history = await ports.helm.history(name, namespace, signal);
  const deployed = history.findLast(({ status }) => status === "deployed") ?? situation.release;
  const from = begun?.workflow === "upgrade" ? begun.inputs["from"] : deployed?.appVersion;
  if (from === undefined) throw new Problem("UPGRADE_NOTHING", { what: `there is no release ${name} in namespace ${namespace}` });
  return upgradePath({ name, version: from }, target, sorted);
}
