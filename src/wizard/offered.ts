import type { Reading } from "../domain/reading.ts";
import type { OfferedClass } from "../ports/cluster-offers.ts";
import type { Choice } from "../ports/prompter.ts";

/** The classes found as choices, the default one first; undefined when they could not be read. */
export function offered(reading: Reading<readonly OfferedClass[]> | undefined): readonly Choice<string>[] | undefined {
  if (reading?.kind !== "known") return undefined;
  const sorted = reading.value.toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault) || a.name.localeCompare(b.name, "en"));
  return sorted.map(({ name, isDefault, detail }) => ({
    value: name,
    name,
    description: isDefault ? `${detail}, the cluster's default` : detail,
  }));
}
