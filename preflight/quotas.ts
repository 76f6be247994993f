import { podLimits, podRequests } from "../src/domain/capacity/pod-requests.ts";
import { parseQuantity, toMillis, toUnits } from "../src/domain/capacity/quantity.ts";
import { addResources, parseResources, type Resources } from "../src/domain/capacity/resources.ts";
import type { Wanted, WantedPod } from "../src/domain/capacity/wanted-pods.ts";
import type { QuotaFact } from "../src/domain/facts/namespace.ts";
import { amount } from "./amount.ts";
import { unrendered } from "./capacity-fit.ts";
import type { Check, CheckInput, Judgement } from "./check.ts";
import { defaultClass } from "./claims-by-class.ts";
import { fail, pass, some, unread } from "./judgement.ts";
import { containerDefaults } from "./limit-defaults.ts";

/** Do the namespace's quotas have room for all pods and claims together? */
export const quotas: Check = {
  id: "quotas",
  title: "Resource quotas",
  why: "Quota is checked object by object: the first pods are made, the last ones are refused, and no dry run tells.",
  needs: ["quotas", "limits", "pods", "claims", "rendered"],
  assess(input) {
    const { facts, wanted: manifests } = input;
    const wanted = "room for all pods and claims of the release together";
    if (facts.quotas.kind !== "known") return [unread(facts.quotas, wanted)];
    // The chart's own quota is sized for the release, and changes with it.
    const foreign = facts.quotas.value.filter(({ name }) => name !== input.answers.release.name);
    if (foreign.length === 0) return [pass(`namespace ${facts.namespaceName} has none`, wanted)];
    if (manifests.kind !== "known") return [unrendered(manifests, wanted)];
    const demand = (quota: QuotaFact) => demanded(quota, manifests.value, input);
    const judged = foreign.map((quota) => judgeQuota(quota, demand(quota), wanted));
    return judged;
  },
};

function judgeQuota(quota: QuotaFact, demand: Resources, wanted: string): Judgement {
  const short = Object.entries(quota.hard).flatMap(([name, hard]) => {
    const need = demand[name] ?? 0n;
    const left = (parseQuantity(hard) ?? 0n) - (parseQuantity(quota.used[name] ?? "0") ?? 0n);
    return need > left ? [`${name} ${shown(name, need)} needed, ${shown(name, left)} left of ${hard}`] : [];
  });
  if (short.length === 0) return pass(`quota ${quota.name} has room`, wanted);
  return fail(
    `quota ${quota.name}: ${some(short)}`,
    wanted,
    `Ask the cluster's owner to raise quota ${quota.name}, or take a smaller profile.`,
  );
}

/** What the release adds to a quota, under the names that quotas count by. */
function demanded({ scopes }: QuotaFact, { pods, claims }: Wanted, { facts, answers }: CheckInput): Resources {
  const { defaultRequest, defaultLimit } = containerDefaults(facts.limits);
  const requestsOf = (pod: WantedPod) => podRequests(pod.spec, defaultRequest);
  const counted = pods.filter((pod) => inScopes(pod, scopes, requestsOf(pod), podLimits(pod.spec, defaultLimit)));
  // Pods of this release that run already are counted in what is used.
  const running =
    facts.pods.kind === "known"
      ? facts.pods.value.namespace.filter(({ labels }) => labels["app.kubernetes.io/instance"] === answers.release.name)
      : [];
  const requests = counted.map(requestsOf).reduce(addResources, {});
  const limits = counted.map((pod) => podLimits(pod.spec, defaultLimit)).reduce(addResources, {});
  const held = running.map((pod) => parseResources(pod.requests)).reduce(addResources, {});
  const unit = 1_000_000_000n;
  const result: Record<string, bigint> = { pods: BigInt(Math.max(0, counted.length - running.length)) * unit };
  for (const [name, value] of Object.entries(requests)) {
    const added = value > (held[name] ?? 0n) ? value - (held[name] ?? 0n) : 0n;
    result[`requests.${name}`] = added;
    if (name === "cpu" || name === "memory" || name === "ephemeral-storage") result[name] = added;
  }
  if (running.length === 0) for (const [name, value] of Object.entries(limits)) result[`limits.${name}`] = value;
  if (scopes.length > 0) return result;
  const present = new Set(facts.claims.kind === "known" ? facts.claims.value.map(({ name }) => name) : []);
  const fallback = facts.storageClasses.kind === "known" ? defaultClass(facts.storageClasses.value)?.name : undefined;
  for (const { size, className = fallback } of claims.filter((claim) => !present.has(claim.name))) {
    for (const [key, value] of [
      ["requests.storage", parseQuantity(size) ?? 0n],
      ["persistentvolumeclaims", unit],
    ] as const) {
      result[key] = (result[key] ?? 0n) + value;
      if (className === undefined) continue;
      const ofClass = `${className}.storageclass.storage.k8s.io/${key}`;
      result[ofClass] = (result[ofClass] ?? 0n) + value;
    }
  }
  return result;
}

function inScopes(pod: WantedPod, scopes: readonly string[], requests: Resources, limits: Resources): boolean {
  const bestEffort = Object.keys(requests).length === 0 && Object.keys(limits).length === 0;
  return scopes.every((scope) => {
    const [name, ...classes] = scope.split("=");
    if (name === "BestEffort") return bestEffort;
    if (name === "NotBestEffort") return !bestEffort;
    if (name === "Terminating") return pod.life === "passing";
    if (name === "NotTerminating") return pod.life === "steady";
    if (name === "PriorityClass")
      return pod.spec.priorityClassName !== undefined && (classes.length === 0 || classes.includes(pod.spec.priorityClassName));
    return true;
  });
}

function shown(name: string, nanos: bigint): string {
  const bare = name.replace(/^.*\//, "").replace(/^(requests|limits)\./, "");
  return amount(bare, bare === "cpu" ? toMillis(nanos) : toUnits(nanos));
}
