import { parseQuantity } from "../src/domain/capacity/quantity.ts";
import type { Check } from "./check.ts";
import { wantedClaims } from "./claims-by-class.ts";
import { fail, pass, some, unread, warn } from "./judgement.ts";

/** Are there claims of the wanted names already, with data of an earlier or another installation? */
export const leftoverClaims: Check = {
  id: "leftover-claims",
  title: "Claims of earlier installations",
  why: "A StatefulSet silently takes over a claim of its name: old data with new passwords keeps Postgres from starting.",
  needs: ["claims", "helmRevisions", "rendered"],
  assess(input) {
    const { facts, answers } = input;
    const wanted = "no claim of the wanted names, unless the release is installed";
    if (facts.claims.kind !== "known") return [unread(facts.claims, wanted)];
    const names = new Map(wantedClaims(input).map((claim) => [claim.name, claim]));
    const present = facts.claims.value.filter(({ name }) => names.has(name));
    if (present.length === 0) return [pass("none", wanted)];
    const told = some(present.map(({ name, size, phase }) => `${name} (${size}, ${phase})`));
    const foreign = present.filter(({ release }) => release !== "" && release !== answers.release.name);
    const delete_ = `kubectl delete pvc ${present.map(({ name }) => name).join(" ")} -n ${facts.namespaceName}`;
    if (foreign.length > 0) {
      const owners = [...new Set(foreign.map(({ release }) => release))].join(", ");
      return [fail(`claims of release ${owners}: ${told}`, wanted, `Use another namespace, or, when that data is not needed: ${delete_}`)];
    }
    const smaller = present.filter(({ name, size }) => (parseQuantity(size) ?? 0n) < (parseQuantity(names.get(name)?.size ?? "0") ?? 0n));
    const size = smaller.length === 0 ? "" : `; smaller than wanted: ${some(smaller.map(({ name }) => name))}`;
    const installed =
      facts.helmRevisions.kind === "known" &&
      facts.helmRevisions.value.some(({ name, status }) => name === answers.release.name && status !== "uninstalled");
    if (installed && smaller.length === 0) return [pass(`${told}, of the installed release`, wanted)];
    return [warn(`${told}${size}`, wanted, `Their data will be used again. When it is not needed: ${delete_}`)];
  },
};
