import type { Profile } from "../src/domain/answers/answers.ts";
import { fit } from "../src/domain/capacity/fit.ts";
import type { RequestDefaults } from "../src/domain/capacity/pod-requests.ts";
import type { Room } from "../src/domain/capacity/room.ts";
import type { WantedPod } from "../src/domain/capacity/wanted-pods.ts";
import { amount } from "./amount.ts";
import { count } from "./judgement.ts";

/** More nodes than this are not proposed: the profile is simply too large for the cluster. */
const most = 8;

/** What would make the pods fit: n more nodes of the size that the cluster has, a smaller profile. Tried out, not estimated. */
export function remedy(pods: readonly WantedPod[], free: readonly Room[], defaults: RequestDefaults, profile: Profile): string {
  const nodes = added(pods, free, defaults);
  const smaller = profile === "trial" ? "" : ` or take a smaller one than --profile ${profile}`;
  return `${nodes ?? "Use larger nodes, make tainted or cordoned ones usable, free room on the present ones"}${profile === "small" ? " or, for an evaluation only, take --profile trial" : smaller}.`;
}

function added(pods: readonly WantedPod[], free: readonly Room[], defaults: RequestDefaults): string | undefined {
  const model = free.filter(({ taints }) => taints.length === 0).toSorted((a, b) => (b.whole["memory"] ?? 0) - (a.whole["memory"] ?? 0))[0];
  if (model === undefined) return undefined;
  for (let extra = 1; extra <= most; extra += 1) {
    const more = Array.from(
      { length: extra },
      (_, index): Room => ({
        ...model,
        name: `${model.name}+${index}`,
        labels: { ...model.labels, "kubernetes.io/hostname": `${model.name}+${index}` },
        free: model.whole,
        present: [],
      }),
    );
    if (fit(pods, [...free, ...more], defaults).kind === "fits") {
      return `Add ${count(extra, "node")} like ${model.name} (${amount("cpu", model.whole["cpu"] ?? 0)}, ${amount("memory", model.whole["memory"] ?? 0)} allocatable), free room on the present ones`;
    }
  }
  return undefined;
}
