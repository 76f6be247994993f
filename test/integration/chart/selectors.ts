import { z } from "zod";

/** A label selector as NetworkPolicies and Services of the chart write it. */
export const selectorSchema = z.looseObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z.array(z.strictObject({ key: z.string(), operator: z.literal("In"), values: z.array(z.string()) })).default([]),
});

/** Labels of a pod. */
export type Labels = Readonly<Record<string, string>>;

/** Whether the selector takes a pod with these labels. */
export function selects(selector: z.infer<typeof selectorSchema>, labels: Labels): boolean {
  return (
    Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value) &&
    selector.matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ""))
  );
}
