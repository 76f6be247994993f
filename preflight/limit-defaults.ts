import type { ResourceList } from "../src/domain/capacity/resources.ts";
import type { Facts } from "../src/domain/facts/facts.ts";

/** What the namespace's LimitRanges put into containers that name no request or limit; nothing when they cannot be read. */
export function containerDefaults(limits: Facts["limits"]): { readonly defaultRequest: ResourceList; readonly defaultLimit: ResourceList } {
  const ranges = limits.kind === "known" ? limits.value.filter(({ type }) => type === "Container") : [];
  return {
    // A default limit alone is the default request too.
    defaultRequest: Object.assign({}, ...ranges.map((range) => ({ ...range.default, ...range.defaultRequest }))),
    defaultLimit: Object.assign({}, ...ranges.map((range) => range.default)),
  };
}
