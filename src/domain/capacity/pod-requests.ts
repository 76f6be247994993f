import type { Container, PodSpec } from "./pod-spec.ts";
import { addResources, maxResources, parseResources, type ResourceList, type Resources } from "./resources.ts";

/** Default requests that a LimitRange puts into containers that name none. */
export type RequestDefaults = ResourceList;

/**
 * What a pod holds on its node, exactly as kube-scheduler counts it: the sum of containers and sidecars (init containers that restart),
 * or the largest step of the init sequence if that is more (each with the sidecars started before it); a pod-level request replaces the
 * sum; overhead comes on top.
 */
export function podRequests(spec: PodSpec, defaults: RequestDefaults = {}): Resources {
  let running: Resources = {};
  for (const container of spec.containers) running = addResources(running, containerRequests(container, defaults));
  let sidecars: Resources = {};
  let starting: Resources = {};
  for (const container of spec.initContainers ?? []) {
    const own = containerRequests(container, defaults);
    if (container.restartPolicy === "Always") {
      running = addResources(running, own);
      sidecars = addResources(sidecars, own);
      starting = maxResources(starting, sidecars);
    } else {
      starting = maxResources(starting, addResources(own, sidecars));
    }
  }
  const held = { ...maxResources(running, starting), ...podLevel(spec) };
  return addResources(held, parseResources(spec.overhead ?? undefined));
}

/** A container's requests as the API server completes them: a limit without a request is the request, then the LimitRange's default. */
export function containerRequests(container: Container, defaults: RequestDefaults = {}): Resources {
  return {
    ...parseResources(defaults),
    ...parseResources(container.resources?.limits ?? undefined),
    ...parseResources(container.resources?.requests ?? undefined),
  };
}

/** Limits of a pod, summed over containers and sidecars; what quotas on `limits.*` count. */
export function podLimits(spec: PodSpec, defaults: ResourceList = {}): Resources {
  const limitsOf = (container: Container): Resources => ({
    ...parseResources(defaults),
    ...parseResources(container.resources?.limits ?? undefined),
  });
  const always = [...spec.containers, ...(spec.initContainers ?? []).filter((container) => container.restartPolicy === "Always")];
  const once = (spec.initContainers ?? []).filter((container) => container.restartPolicy !== "Always");
  const sum = always.map(limitsOf).reduce(addResources, {});
  return once.map(limitsOf).reduce(maxResources, sum);
}

/** Only these may be asked for at pod level. */
function podLevel(spec: PodSpec): Resources {
  const asked = { ...parseResources(spec.resources?.limits ?? undefined), ...parseResources(spec.resources?.requests ?? undefined) };
  return Object.fromEntries(Object.entries(asked).filter(([name]) => name === "cpu" || name === "memory" || name.startsWith("hugepages-")));
}
