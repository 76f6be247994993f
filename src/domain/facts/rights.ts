import { z } from "zod";

/** A right that the installation will use. */
const rightSchema = z.object({
  verb: z.string(),
  /** API group; empty for the core one. */
  group: z.string(),
  /** Plural resource, with a subresource after a slash: `pods/log`. */
  resource: z.string(),
  /** Asked for in the release's namespace, or in the whole cluster. */
  scope: z.enum(["namespace", "cluster"]),
  /** What it is for, for people: "apply the chart". */
  purpose: z.string(),
  /** False: without it the installation works, and tells less. */
  vital: z.boolean(),
});

/** A right that the installation will use. */
export type Right = Readonly<z.infer<typeof rightSchema>>;

/** The API server's answer about one right. */
export const rightFactSchema = rightSchema.extend({ allowed: z.boolean() });

/** The API server's answer about one right. */
export type RightFact = Readonly<z.infer<typeof rightFactSchema>>;

/** `create deployments.apps`: a right in kubectl's words. */
export function rightName({ verb, group, resource }: Pick<Right, "verb" | "group" | "resource">): string {
  const [plural, sub] = resource.split("/");
  return `${verb} ${plural}${group === "" ? "" : `.${group}`}${sub === undefined ? "" : `/${sub}`}`;
}

/**
 * Rights in the release's namespace without which the work cannot be done, in kubectl's words: `vital("follow the rollout", "get,list pods",
 * "list replicasets.apps", "get pods/log")`.
 */
export function vital(purpose: string, ...words: readonly string[]): readonly Right[] {
  return words.flatMap((one) => parse(one, { purpose, scope: "namespace", vital: true }));
}

/** As {@link vital}, for what the work can be done without. */
export function helpful(purpose: string, ...words: readonly string[]): readonly Right[] {
  return words.flatMap((one) => parse(one, { purpose, scope: "namespace", vital: false }));
}

/** The same rights in the whole cluster. */
export function clusterWide(rights: readonly Right[]): readonly Right[] {
  return rights.map((right) => ({ ...right, scope: "cluster" }));
}

/** Each right once; one that is vital to anything is vital. */
export function distinct(rights: readonly Right[]): readonly Right[] {
  const byName = Map.groupBy(rights, (right) => `${right.scope} ${rightName(right)}`);
  return [...byName.values()].flatMap((same) => same.find((right) => right.vital) ?? same.slice(0, 1));
}

function parse(words: string, rest: Pick<Right, "purpose" | "scope" | "vital">): readonly Right[] {
  const [, verbs = "", plural = "", group = "", sub = ""] = /^([a-z,]+) ([a-z]+)(?:\.([a-z0-9.-]+))?(\/[a-z]+)?$/.exec(words) ?? [];
  if (plural === "") throw new RangeError(`"${words}" names no right`);
  return verbs.split(",").map((verb) => ({ verb, group, resource: `${plural}${sub}`, ...rest }));
}
