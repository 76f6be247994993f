/** One step into an object: a key of a mapping, an index of a list, or an item of a list whose items Kubernetes tells apart by a key. */
export type PathStep = string | number | { readonly item: string };

/** Where a field stands in an object. */
export type FieldPath = readonly PathStep[];

/** The path as people write it: `spec.template.spec.containers[backend].image`, `metadata.labels["helm.sh/chart"]`. */
export function formatPath(path: FieldPath): string {
  return path.map(formatStep).join("").replace(/^\./, "");
}

/** True when the path leads to the field of `keys` or below it. */
export function isBelow(path: FieldPath, keys: readonly string[]): boolean {
  return path.length >= keys.length && keys.every((key, index) => path[index] === key);
}

function formatStep(step: PathStep): string {
  if (typeof step === "number") return `[${step}]`;
  if (typeof step === "object") return `[${step.item}]`;
  return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
