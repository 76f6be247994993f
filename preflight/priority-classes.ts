import type { Check } from "./check.ts";
import { fail, pass, unread } from "./judgement.ts";

const builtIn = new Set(["system-cluster-critical", "system-node-critical"]);
const made = new Set(["high-priority-ai", "background-ai"]);

/** Do the priority classes that the pods name exist? */
export const priorityClasses: Check = {
  id: "priority-classes",
  title: "Priority classes",
  why: "A pod that names a PriorityClass that does not exist is refused, while its Deployment is accepted.",
  needs: ["priorityClasses", "rendered"],
  assess({ facts: { priorityClasses: present }, wanted: manifests, answers: { scope } }) {
    if (manifests.kind !== "known") return [];
    const named = [...new Set(manifests.value.pods.flatMap(({ spec }) => spec.priorityClassName ?? []))].filter(
      (name) => !builtIn.has(name) && !(scope === "cluster" && made.has(name)),
    );
    if (named.length === 0) return [];
    const wanted = `the classes ${named.join(", ")}`;
    if (present.kind !== "known") return [unread(present, wanted)];
    const missing = named.filter((name) => !present.value.includes(name));
    if (missing.length === 0) return [pass("they exist", wanted)];
    return [
      fail(`missing: ${missing.join(", ")}`, wanted, "Use --scope cluster, which makes them, or have them made by the cluster's owner."),
    ];
  },
};
