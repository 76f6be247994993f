import type { Check } from "./check.ts";
import { pass, unread, warn } from "./judgement.ts";

/** Does the platform's host name resolve? */
export const ingressDns: Check = {
  id: "ingress-dns",
  title: "Name of the platform",
  why: "People reach the platform by this name; without it the installation works and nobody can use it.",
  needs: ["ingressAddresses"],
  assess({ facts: { ingressAddresses: addresses }, answers: { ingress } }) {
    if (!ingress.enabled) return [];
    const wanted = "a host name that resolves to the ingress";
    if (ingress.host === undefined || addresses === undefined)
      return [warn("no host name was given", wanted, "Give it with --ingress-host NAME.")];
    if (addresses.kind !== "known") return [unread(addresses, wanted)];
    if (addresses.value.length === 0)
      return [
        warn(
          `${ingress.host} does not resolve on this host`,
          wanted,
          `Add a DNS record for ${ingress.host} that points to the ingress controller's address.`,
        ),
      ];
    return [pass(`${ingress.host} is ${addresses.value.join(", ")}`, wanted)];
  },
};
