import type { DebianPackage } from "./debian-package.ts";

/**
 * The named packages and all they need, out of those that apt chose to go together, in the order of `chosen`. Of alternatives it takes
 * the first that was chosen. Throws Error when a name or a dependency has none.
 */
export function closure(chosen: readonly DebianPackage[], names: readonly string[]): readonly DebianPackage[] {
  const byName = new Map(chosen.map((one) => [one.name, one]));
  const providers = new Map(chosen.toReversed().flatMap((one) => one.provides.map((name) => [name, one])));
  const taken = new Set<DebianPackage>();
  const take = (alternatives: readonly string[], wantedBy: string): void => {
    const found = alternatives.map((name) => byName.get(name) ?? providers.get(name)).find((one) => one !== undefined);
    if (found === undefined) throw new Error(`apt chose nothing that is ${alternatives.join(" or ")}, wanted by ${wantedBy}`);
    if (taken.has(found)) return;
    taken.add(found);
    for (const need of found.needs) take(need, found.name);
  };
  for (const name of names) take([name], "the images");
  return chosen.filter((one) => taken.has(one));
}
