import type { Check } from "./check.ts";
import { pass, unread, warn } from "./judgement.ts";

const label = "pod-security.kubernetes.io/enforce";

/** Which Pod Security Standard does the namespace enforce? */
export const podSecurity: Check = {
  id: "pod-security",
  title: "Pod security level",
  why: "The platform's pods meet the level restricted; a namespace that enforces less lets any other pod in it do more.",
  needs: ["namespace"],
  assess({ facts: { namespace, namespaceName } }) {
    const wanted = "level restricted enforced";
    if (namespace.kind !== "known") return [unread(namespace, wanted)];
    if (!namespace.value.exists) return [pass(`namespace ${namespaceName} will be made with it`, wanted)];
    const level = namespace.value.labels[label];
    const fix = `kubectl label --overwrite namespace ${namespaceName} ${label}=restricted`;
    if (level === "restricted") return [pass("restricted", wanted)];
    return [warn(level === undefined ? "no level is enforced" : `${level} is enforced`, wanted, fix)];
  },
};
