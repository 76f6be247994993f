import { claimSizes } from "../src/domain/answers/claim-sizes.ts";
import type { WantedClaim } from "../src/domain/capacity/wanted-pods.ts";
import type { StorageClassFact } from "../src/domain/facts/storage.ts";
import type { CheckInput } from "./check.ts";

/** The claims of the rendered chart; without it, those that the answers and profile name. */
export function wantedClaims({ answers, wanted }: Pick<CheckInput, "answers" | "wanted">): readonly WantedClaim[] {
  if (wanted.kind === "known" && wanted.value.claims.length > 0) return wanted.value.claims;
  const { className } = answers.storage;
  const sizes = claimSizes(answers);
  const named = [
    ["data-postgres-0", sizes.postgres],
    ...(answers.backup.repository.kind === "claim" ? [["backup-postgres-0", sizes.backup] as const] : []),
    ["data-redis-0", sizes.redis],
  ] as const;
  return named.map(([name, size]) => ({ name, size, accessModes: ["ReadWriteOnce"], ...(className === undefined ? {} : { className }) }));
}

/** The default class: of several the newest, as the API server takes it. */
export function defaultClass(classes: readonly StorageClassFact[]): StorageClassFact | undefined {
  return classes
    .filter(({ isDefault }) => isDefault)
    .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : a.name < b.name ? -1 : 1))[0];
}

/** The claims by the name of the class they will use; undefined stands for a default class that does not exist. */
export function claimsByClass(
  input: Pick<CheckInput, "answers" | "wanted">,
  classes: readonly StorageClassFact[],
): ReadonlyMap<string | undefined, readonly WantedClaim[]> {
  return Map.groupBy(wantedClaims(input), ({ className }) => className ?? defaultClass(classes)?.name);
}
