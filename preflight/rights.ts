import type { Facts } from "../src/domain/facts/facts.ts";
import { type RightFact, rightName } from "../src/domain/facts/rights.ts";
import type { Check } from "./check.ts";
import { fail, pass, some, unread, warn } from "./judgement.ts";

/** Groups of APIs that the cluster serves; undefined when it does not tell. What it does not serve, nobody needs a right to. */
function servedGroups({ discovery }: Facts): ReadonlySet<string> | undefined {
  if (discovery.kind !== "known") return undefined;
  return new Set(discovery.value.served.map(({ groupVersion }) => (groupVersion.includes("/") ? (groupVersion.split("/")[0] ?? "") : "")));
}

/** May the user do what the installation will do? */
export const rights: Check = {
  id: "rights",
  title: "Rights",
  why: "A right that is missing is found out in the middle of the installation, when half of it is applied.",
  needs: ["rights", "discovery"],
  assess({ facts }) {
    const { rights: reading, namespaceName } = facts;
    const served = servedGroups(facts);
    const wanted = `every right that an installation in namespace ${namespaceName} uses`;
    if (reading.kind !== "known") return [unread(reading, wanted)];
    const used = reading.value.filter(({ group }) => served?.has(group) ?? true);
    const missing = used.filter(({ allowed }) => !allowed);
    if (missing.length === 0) return [pass(`all ${used.length} rights asked about`, wanted)];
    const vital = missing.filter((right) => right.vital);
    return [
      ...(vital.length === 0
        ? []
        : [fail(`missing ${vital.length} of ${used.length}: ${grouped(vital)}`, wanted, fixFor(vital, namespaceName))]),
      ...(vital.length === missing.length
        ? []
        : [
            warn(
              `missing, without which less is told: ${grouped(missing.filter((one) => !one.vital))}`,
              wanted,
              fixFor(missing, namespaceName),
            ),
          ]),
    ];
  },
};

/** `deployments.apps (create, patch)` for each resource, the verbs together. */
function grouped(missing: readonly RightFact[]): string {
  const byResource = Map.groupBy(missing, (right) => rightName({ ...right, verb: "" }).trim());
  return some(
    [...byResource].map(([resource, facts]) => `${resource} (${facts.map(({ verb }) => verb).join(", ")})`),
    8,
  );
}

function fixFor(missing: readonly RightFact[], namespace: string): string {
  const wide = missing.filter(({ scope }) => scope === "cluster");
  const makesNamespace = wide.some(({ resource }) => resource === "namespaces");
  const own = `Ask the cluster's owner for them in namespace ${namespace}, for example: kubectl create rolebinding migratectl --clusterrole=admin --user=USER -n ${namespace}`;
  const namespaced = missing.length > wide.length ? [own] : [];
  const made = makesNamespace ? [`have the namespace made for you: kubectl create namespace ${namespace}`] : [];
  const classes = wide.length > (makesNamespace ? 1 : 0) ? ["use --scope namespace, which needs no cluster-wide rights"] : [];
  const parts = [...namespaced, ...made, ...classes].join("; or ");
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)}`;
}
