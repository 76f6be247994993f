import type { Check } from "./check.ts";
import { fail, pass, unknown, unread, warn } from "./judgement.ts";

const soon = 30;

/** Does the client's registry answer, take the credentials, and let them push? */
export const registry: Check = {
  id: "registry",
  title: "Registry",
  why: "Every image is pushed to and pulled from it; wrong credentials show only after gigabytes, or on the nodes.",
  needs: ["registry"],
  assess({ facts, answers }) {
    const wanted = "reachable, trusted, and the credentials may push";
    if (facts.registry === undefined)
      return [
        unknown("no registry was named", wanted, "Name it: --registry HOST[/PREFIX] --registry-username U --registry-password-file F"),
      ];
    if (facts.registry.kind !== "known") return [unread(facts.registry, wanted)];
    const reading = facts.registry.value;
    const { host } = answers.registry;
    if (reading.kind === "refused") return [fail(`${host}: ${reading.what}`, wanted, reading.fix)];
    if (!reading.writable) return [fail(reading.detail, wanted, "Take a user who may push to this registry and prefix.")];
    const days =
      reading.certificateNotAfter === undefined
        ? undefined
        : Math.floor((Date.parse(reading.certificateNotAfter) - Date.parse(facts.moment)) / 86_400_000);
    if (days !== undefined && days < soon)
      return [
        warn(`${reading.detail}; its certificate ends in ${days} days`, wanted, "Renew the registry's certificate, or nodes stop pulling."),
      ];
    return [pass(reading.detail, wanted)];
  },
};
