import { containerRequests } from "../src/domain/capacity/pod-requests.ts";
import { formatQuantity, parseQuantity } from "../src/domain/capacity/quantity.ts";
import { addResources, parseResources, type Resources } from "../src/domain/capacity/resources.ts";
import type { Wanted } from "../src/domain/capacity/wanted-pods.ts";
import type { LimitFact } from "../src/domain/facts/namespace.ts";
import { unrendered } from "./capacity-fit.ts";
import type { Check } from "./check.ts";
import { fail, pass, some, unread } from "./judgement.ts";
import { containerDefaults } from "./limit-defaults.ts";

/** Would the namespace's LimitRanges refuse a container, pod or claim? */
export const limitRanges: Check = {
  id: "limit-ranges",
  title: "Limit ranges",
  why: "A Deployment passes a dry run where a LimitRange refuses its pods; they are then simply never made.",
  needs: ["limits", "rendered"],
  assess({ facts: { limits, namespaceName }, wanted: manifests, answers }) {
    const wanted = "no container, pod or claim of the release outside the limits";
    if (limits.kind !== "known") return [unread(limits, wanted)];
    // The chart's own LimitRange is made for its pods, and changes with it.
    const foreign = limits.value.filter(({ range }) => range !== answers.release.name);
    if (foreign.length === 0) return [pass(`namespace ${namespaceName} has none`, wanted)];
    if (manifests.kind !== "known") return [unrendered(manifests, wanted)];
    const refused = foreign.flatMap((limit) => refusals(limit, manifests.value, containerDefaults(limits)));
    if (refused.length === 0) return [pass(`${foreign.length} limits, none refuses anything`, wanted)];
    return [
      fail(
        some(refused, 3),
        wanted,
        `Ask the cluster's owner to widen the LimitRange in namespace ${namespaceName}, or use a namespace without one.`,
      ),
    ];
  },
};

type Defaults = ReturnType<typeof containerDefaults>;
interface Sized {
  readonly name: string;
  readonly requests: Resources;
  readonly limits: Resources;
}

function refusals(limit: LimitFact, wanted: Wanted, defaults: Defaults): readonly string[] {
  return [...new Set(sizedThings(limit.type, wanted, defaults).flatMap((thing) => outside(limit, thing)))];
}

function sizedThings(type: string, { pods, claims }: Wanted, { defaultRequest, defaultLimit }: Defaults): readonly Sized[] {
  const containers = pods.flatMap(({ owner, spec }) =>
    [...spec.containers, ...(spec.initContainers ?? [])].map((container) => ({
      owner,
      name: `container ${container.name} of ${owner}`,
      requests: containerRequests(container, defaultRequest),
      limits: { ...parseResources(defaultLimit), ...parseResources(container.resources?.limits ?? undefined) },
    })),
  );
  if (type === "Container") return containers;
  if (type === "Pod") {
    return [...Map.groupBy(containers, ({ owner }) => owner)].map(([owner, group]) => {
      const per = group.length / pods.filter((pod) => pod.owner === owner).length;
      const one = group.slice(0, per);
      return {
        name: `pods of ${owner}`,
        requests: one.map(({ requests }) => requests).reduce(addResources, {}),
        limits: one.map(({ limits }) => limits).reduce(addResources, {}),
      };
    });
  }
  if (type !== "PersistentVolumeClaim") return [];
  return claims.map(({ name, size }) => ({
    name: `claim ${name}`,
    requests: { storage: parseQuantity(size) ?? 0n },
    limits: { storage: parseQuantity(size) ?? 0n },
  }));
}

function outside({ range, min, max }: LimitFact, { name, requests, limits }: Sized): readonly string[] {
  const low = Object.entries(parseResources(min)).flatMap(([resource, least]) => {
    const has = requests[resource];
    return has !== undefined && has < least
      ? [`${name} asks ${formatQuantity(has)} ${resource}, below the minimum ${formatQuantity(least)} of ${range}`]
      : [];
  });
  const high = Object.entries(max).flatMap(([resource, text]) => {
    const has = limits[resource];
    const most = parseQuantity(text) ?? 0n;
    if (has === undefined) return [`${name} has no ${resource} limit, which ${range} (maximum ${text}) demands`];
    return has > most ? [`${name} is limited to ${formatQuantity(has)} ${resource}, above the maximum ${text} of ${range}`] : [];
  });
  return [...low, ...high];
}
