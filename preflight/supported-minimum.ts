import { toMillis, toUnits } from "../src/domain/capacity/quantity.ts";
import { addResources, parseResources } from "../src/domain/capacity/resources.ts";
import { amount } from "./amount.ts";
import type { Check } from "./check.ts";
import { fail, pass, unread, warn } from "./judgement.ts";
import { usableNodes } from "./usable-nodes.ts";

const gibibyte = 2 ** 30;
const minimum = { cpu: 8000, memory: 16 * gibibyte };

/** A machine of 8 CPU and 16 GiB offers a little less to pods, because kernel and kubelet keep some; this much counts as such a machine. */
const nominal = { cpu: 7500, memory: 14.4 * gibibyte };

/** Is the cluster as large as the vendor supports? */
export const supportedMinimum: Check = {
  id: "supported-minimum",
  title: "Supported minimum",
  why: "Below 8 CPU and 16 GiB the platform may run for a demonstration, but no load, backup or upgrade is supported.",
  needs: ["nodes"],
  assess({ facts: { nodes }, answers: { profile } }) {
    const wanted = "8 CPU and 16 GiB allocatable on usable nodes";
    if (profile === "trial") {
      const size = nodes.kind === "known" ? ` on ${described(total(nodes.value))}` : "";
      return [
        warn(
          `profile trial${size}: for evaluation only, not for production`,
          wanted,
          "Use --profile small, standard or large for anything but an evaluation.",
        ),
      ];
    }
    if (nodes.kind !== "known") return [unread(nodes, wanted)];
    const has = total(nodes.value);
    const fix = "Add nodes or larger ones; for an evaluation only, use --profile trial.";
    if (has.cpu >= minimum.cpu && has.memory >= minimum.memory) return [pass(described(has), wanted)];
    if (has.cpu >= nominal.cpu && has.memory >= nominal.memory)
      return [warn(`${described(has)}, just under the minimum because nodes keep some for themselves`, wanted, fix)];
    return [fail(described(has), wanted, fix)];
  },
};

function total(nodes: Parameters<typeof usableNodes>[0]): { readonly cpu: number; readonly memory: number } {
  const sum = usableNodes(nodes)
    .map(({ allocatable }) => parseResources(allocatable))
    .reduce(addResources, {});
  return { cpu: toMillis(sum["cpu"] ?? 0n), memory: toUnits(sum["memory"] ?? 0n) };
}

function described({ cpu, memory }: { readonly cpu: number; readonly memory: number }): string {
  return `${amount("cpu", cpu)} and ${amount("memory", memory)} allocatable`;
}
