import { bytes } from "./amount.ts";
import type { Check } from "./check.ts";
import { fail, pass, unread } from "./judgement.ts";

const diskNeeded = 100 * 2 ** 20;

/** Does the run directory have room? */
export const hostDisk: Check = {
  id: "host-disk",
  title: "Disk of this host",
  why: "Plan, journal and logs are kept in the run directory; a full disk stops the installation in the middle.",
  needs: ["host"],
  assess({ facts: { host } }) {
    const { path, freeBytes } = host.runDirectory;
    const wanted = `${bytes(diskNeeded)} free under ${path}`;
    if (freeBytes.kind !== "known") return [unread(freeBytes, wanted)];
    if (freeBytes.value >= diskNeeded) return [pass(`${bytes(freeBytes.value)} free`, wanted)];
    return [fail(`${bytes(freeBytes.value)} free`, wanted, "Free some space, or set XDG_STATE_HOME to a disk that has room.")];
  },
};
