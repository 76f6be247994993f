import type { Check } from "./check.ts";
import { fail, pass, unread, warn } from "./judgement.ts";

/** Seconds. */
const skewTolerated = 30;
const skewBroken = 300;

/** Do this host and the API server agree on the time? */
export const clockSkew: Check = {
  id: "clock-skew",
  title: "Clocks",
  why: "Certificates, tokens and Leases go by the time: with clocks apart they look expired or not yet valid.",
  needs: ["cluster"],
  assess({ facts: { cluster } }) {
    const wanted = `this host and the API server within ${skewTolerated} s`;
    if (cluster.clockAhead.kind !== "known") return [unread(cluster.clockAhead, wanted)];
    const apart = Math.abs(cluster.clockAhead.value);
    const fix = "Synchronise the clocks, for example: timedatectl set-ntp true";
    if (apart <= skewTolerated) return [pass(`${apart} s apart`, wanted)];
    return [
      apart >= skewBroken ? fail(skewText(cluster.clockAhead.value), wanted, fix) : warn(skewText(cluster.clockAhead.value), wanted, fix),
    ];
  },
};

function skewText(ahead: number): string {
  return `the API server is ${Math.abs(ahead)} s ${ahead > 0 ? "ahead of" : "behind"} this host`;
}
