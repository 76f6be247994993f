import { parseQuantity } from "../capacity/quantity.ts";
import { pass, some, warn } from "../judgement.ts";
import { counted } from "../units.ts";
import { type DoctorCheck, unread } from "./check.ts";

/** Percent of a quota above which somebody should know. */
const warnAbove = 90;

const wanted = `no quota used above ${warnAbove} %`;

/** Have the namespace's quotas room for the pod that replaces another? */
export const quotas: DoctorCheck = {
  id: "quotas",
  title: "Quotas",
  why: "A rolling update needs room for one pod more; without it the old pods stay, and a pod that was lost does not come back.",
  assess({ quotas: reading, namespace }) {
    if (reading.kind !== "known") return [unread(reading, wanted)];
    const short = reading.value.flatMap(({ name, hard, used }) =>
      Object.entries(hard).flatMap(([resource, most]) => {
        const percent = percentOf(used[resource], most);
        return percent > warnAbove ? [`${name}: ${resource} ${used[resource]} of ${most} (${Math.floor(percent)} %)`] : [];
      }),
    );
    if (short.length > 0) return [warn(some(short), wanted, `Ask for more room: kubectl -n ${namespace} describe resourcequota`)];
    return [pass(reading.value.length === 0 ? `none in namespace ${namespace}` : counted(reading.value.length, "quota"), wanted)];
  },
};

/** A quota of nothing is no room that is filled: it forbids. */
function percentOf(used: string | undefined, most: string): number {
  const [part, whole] = [parseQuantity(used ?? "0") ?? 0n, parseQuantity(most) ?? 0n];
  return whole === 0n ? 0 : Number((part * 10_000n) / whole) / 100;
}
