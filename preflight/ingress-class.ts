import type { Check } from "./check.ts";
import { fail, pass, unread, warn } from "./judgement.ts";

/** Is there an ingress class for the platform's host? */
export const ingressClass: Check = {
  id: "ingress-class",
  title: "Ingress class",
  why: "An Ingress without a class that somebody serves gets no address, and the platform cannot be reached.",
  needs: ["ingressClasses", "discovery"],
  assess({ facts: { ingressClasses: classes, discovery }, answers: { ingress } }) {
    if (!ingress.enabled) return [];
    if (ingress.kind !== "ingress") {
      const group = ingress.kind === "gateway" ? "gateway.networking.k8s.io" : "route.openshift.io";
      const wanted = `the API ${group} is served`;
      if (discovery.kind !== "known") return [unread(discovery, wanted)];
      const served = discovery.value.served.some(({ groupVersion }) => groupVersion.startsWith(`${group}/`));
      return [served ? pass("it is", wanted) : fail("it is not", wanted, "Use --ingress-kind ingress, or install what serves it.")];
    }
    const wanted = ingress.className === undefined ? "a default ingress class, or one to name" : `the ingress class "${ingress.className}"`;
    if (classes.kind !== "known") return [unread(classes, wanted)];
    const names = classes.value.map(({ name }) => name).join(", ") || "none";
    if (ingress.className !== undefined) {
      const found = classes.value.find(({ name }) => name === ingress.className);
      return [
        found === undefined
          ? fail(`the cluster has: ${names}`, wanted, "Name one that exists with --ingress-class NAME, or install an ingress controller.")
          : pass(`${found.name} (${found.controller})`, wanted),
      ];
    }
    const defaults = classes.value.filter(({ isDefault }) => isDefault);
    const [first] = classes.value;
    if (first === undefined)
      return [
        fail(
          "the cluster has no ingress class",
          wanted,
          "Install an ingress controller, or switch the ingress off with --no-ingress and expose the Services yourself.",
        ),
      ];
    if (defaults.length > 1)
      return [
        fail(
          `${defaults.length} default classes: ${defaults.map(({ name }) => name).join(", ")}`,
          wanted,
          "Name the one that is meant with --ingress-class NAME; the API server refuses an Ingress without a class otherwise.",
        ),
      ];
    if (defaults[0] !== undefined) return [pass(`${defaults[0].name} (${defaults[0].controller})`, wanted)];
    return [warn(`no default class; the cluster has: ${names}`, wanted, `Name one: --ingress-class ${first.name}`)];
  },
};
