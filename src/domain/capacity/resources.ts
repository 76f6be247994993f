import { z } from "zod";
import { formatQuantity, parseQuantity } from "./quantity.ts";

/** Amounts by resource name (`cpu`, `memory`, `pods`, `nvidia.com/gpu`), exact, in nano-units. */
export type Resources = Readonly<Record<string, bigint>>;

/** Amounts as Kubernetes writes them, `{ cpu: "250m", memory: "1Gi" }`; what is no legal quantity is refused. */
export const resourceListSchema = z.record(
  z.string(),
  z.union([z.string(), z.number()]).transform((value, context) => {
    const text = String(value);
    if (parseQuantity(text) === undefined) context.addIssue({ code: "custom", message: `"${text}" is not a Kubernetes quantity` });
    return text;
  }),
);

/** Amounts as text, checked. */
export type ResourceList = Readonly<z.infer<typeof resourceListSchema>>;

/** The exact amounts of a checked list. */
export function parseResources(list: ResourceList | undefined): Resources {
  return Object.fromEntries(Object.entries(list ?? {}).map(([name, text]) => [name, parseQuantity(text) ?? 0n]));
}

/** The amounts as text again. */
export function formatResources(resources: Resources): ResourceList {
  return Object.fromEntries(Object.entries(resources).map(([name, nanos]) => [name, formatQuantity(nanos)]));
}

/** Sum of both, resource by resource. */
export function addResources(a: Resources, b: Resources): Resources {
  return merge(a, b, (x, y) => x + y);
}

/** What is left of `a` without `b`; may be negative. */
export function subtractResources(a: Resources, b: Resources): Resources {
  return merge(a, b, (x, y) => x - y);
}

/** The larger of both, resource by resource. */
export function maxResources(a: Resources, b: Resources): Resources {
  return merge(a, b, (x, y) => (x > y ? x : y));
}

function merge(a: Resources, b: Resources, join: (x: bigint, y: bigint) => bigint): Resources {
  const result: Record<string, bigint> = { ...a };
  for (const [name, amount] of Object.entries(b)) result[name] = join(a[name] ?? 0n, amount);
  return result;
}
