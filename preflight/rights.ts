import { type RightFact, rightName } from "../src/domain/facts/rights.ts";
import type { Check } from "./check.ts";
import { fail, pass, some, unread, warn } from "./judgement.ts";

/** Verbs without which an installation still works: they only make its view of the rollout poorer. */
function isVital({ resource }: RightFact): boolean {
  return resource !== "events" && resource !== "pods/log";
}

/** May the user do what the installation will do? */
export const rights: Check = {
  id: "rights",
  title: "Rights",
  why: "A right that is missing is found out in the middle of the installation, when half of it is applied.",
  needs: ["rights"],
  assess({ facts: { rights: reading, namespaceName } }) {
    const wanted = `every right that an installation in namespace ${namespaceName} uses`;
    if (reading.kind !== "known") return [unread(reading, wanted)];
    const missing = reading.value.filter(({ allowed }) => !allowed);
    if (missing.length === 0) return [pass(`all ${reading.value.length} rights asked about`, wanted)];
    const vital = missing.filter(isVital);
    return [
      ...(vital.length === 0
        ? []
        : [fail(`missing ${vital.length} of ${reading.value.length}: ${grouped(vital)}`, wanted, fixFor(vital, namespaceName))]),
      ...(vital.length === missing.length
        ? []
        : [
            warn(
              `missing, for explanations only: ${grouped(missing.filter((one) => !isVital(one)))}`,
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
