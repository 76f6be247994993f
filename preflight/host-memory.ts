import { bytes } from "./amount.ts";
import type { Check } from "./check.ts";
import { pass, warn } from "./judgement.ts";

const memoryNeeded = 300 * 2 ** 20;

/** Does this host have memory to spare? */
export const hostMemory: Check = {
  id: "host-memory",
  title: "Memory of this host",
  why: "migratectl and helm together need some 300 MiB.",
  needs: ["host"],
  assess({ facts: { host } }) {
    const wanted = `${bytes(memoryNeeded)} available`;
    const seen = `${bytes(host.memoryAvailable)} available`;
    return [
      host.memoryAvailable >= memoryNeeded
        ? pass(seen, wanted)
        : warn(seen, wanted, "End other programs on this host, or run migratectl elsewhere."),
    ];
  },
};
