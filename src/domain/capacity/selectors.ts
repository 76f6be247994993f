import { z } from "zod";

const operator = z.string();

/** metav1.LabelSelector; an absent selector matches nothing, an empty one everything. */
export const labelSelectorSchema = z.object({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z.array(z.object({ key: z.string(), operator, values: z.array(z.string()).optional() })).optional(),
});

/** A label selector. */
export type LabelSelector = z.infer<typeof labelSelectorSchema>;

/** The terms of a node selector: a node fits when every expression of one term holds. */
export const nodeSelectorSchema = z.object({
  nodeSelectorTerms: z.array(
    z.object({
      matchExpressions: z.array(z.object({ key: z.string(), operator, values: z.array(z.string()).optional() })).optional(),
      matchFields: z.array(z.object({ key: z.string(), operator, values: z.array(z.string()).optional() })).optional(),
    }),
  ),
});

/** A node selector. */
export type NodeSelector = z.infer<typeof nodeSelectorSchema>;

/** Taint of a node. */
export const taintSchema = z.object({ key: z.string(), value: z.string().default(""), effect: z.string() });

/** A taint. */
export type Taint = z.infer<typeof taintSchema>;

/** Toleration of a pod. */
export const tolerationSchema = z.object({
  key: z.string().optional(),
  operator: z.string().optional(),
  value: z.string().optional(),
  effect: z.string().optional(),
});

/** A toleration. */
export type Toleration = z.infer<typeof tolerationSchema>;

type Labels = Readonly<Record<string, string>>;
type Requirement = { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined };

/** True when the selector picks an object with these labels. */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return equal && (selector.matchExpressions ?? []).every((requirement) => meets(requirement, labels));
}

/** True when a node of that name and labels satisfies one of the terms; a term without expressions satisfies nothing. */
export function selectsNode(selector: NodeSelector, name: string, labels: Labels): boolean {
  return selector.nodeSelectorTerms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    return (
      matchExpressions.every((requirement) => meets(requirement, labels)) &&
      matchFields.every((field) => meets(field, { "metadata.name": name }))
    );
  });
}

/** True when a toleration covers the taint. */
export function tolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some(
    ({ key = "", operator: how = "Equal", value = "", effect = "" }) =>
      (effect === "" || effect === taint.effect) &&
      (key === "" ? how === "Exists" : key === taint.key) &&
      (how === "Exists" || value === taint.value),
  );
}

function meets({ key, operator: how, values = [] }: Requirement, labels: Labels): boolean {
  const value = labels[key];
  switch (how) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}
