import type { FieldPath } from "./field-path.ts";

const versionLabels = new Set(["helm.sh/chart", "app.kubernetes.io/version"]);

/** True for what changes with every version whatever else does: labels of chart and version, and annotations with a checksum of other objects. */
export function isIncidental(path: FieldPath): boolean {
  const [key, owner] = [path.at(-1), path.at(-2)];
  if (typeof key !== "string") return false;
  return (owner === "labels" && versionLabels.has(key)) || (owner === "annotations" && /(?:^|[/.-])checksum(?:$|[/.-])/.test(key));
}
