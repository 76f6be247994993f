import type { Cost } from "../domain/answers/part-costs.ts";

/** `0.6 CPU, 2.1 GiB memory, 200 GiB storage`; what is not needed is left out. */
export function costText({ millicores, mebibytes, gibibytes }: Cost): string {
  return [
    ...amount(millicores / 1000, 2, "CPU"),
    ...amount(mebibytes / 1024, 1, "GiB memory"),
    ...amount(gibibytes, 1, "GiB storage"),
  ].join(", ");
}

function amount(value: number, digits: number, unit: string): readonly string[] {
  return value === 0 ? [] : [`${Number(value.toFixed(digits))} ${unit}`];
}
