import { parseQuantity, toUnits } from "../src/domain/capacity/quantity.ts";
import type { WantedClaim } from "../src/domain/capacity/wanted-pods.ts";
import { bytes } from "./amount.ts";
import type { Check, CheckInput, Judgement } from "./check.ts";
import { claimsByClass, wantedClaims } from "./claims-by-class.ts";
import { fail, pass, unknown, unread, warn } from "./judgement.ts";

const gibibyte = 2 ** 30;
const supported = 200 * gibibyte;

/** Can the class give as much as the claims ask for? Known only where the driver publishes its capacity. */
export const storageRoom: Check = {
  id: "storage-room",
  title: "Room for the volumes",
  why: "A claim larger than what the storage has left stays Pending, and Postgres with it.",
  needs: ["storageClasses", "storageCapacities", "volumes", "rendered"],
  assess(input) {
    const { storageClasses: classes, storageCapacities: capacities } = input.facts;
    const claims = wantedClaims(input);
    const sizes = sizesOf(claims);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const wanted = `${bytes(total)} for ${claims.length} claims, the largest ${bytes(Math.max(...sizes))}`;
    if (classes.kind !== "known") return [unread(classes, wanted)];
    if (capacities.kind !== "known") return [unread(capacities, wanted)];
    return [...claimsByClass(input, classes.value)].flatMap(([name, own]) =>
      name === undefined ? [] : judgeClass(name, input, sizesOf(own), wanted),
    );
  },
};

function sizesOf(claims: readonly WantedClaim[]): readonly number[] {
  return claims.map(({ size }) => toUnits(parseQuantity(size) ?? 0n));
}

function judgeClass(name: string, { facts, answers }: CheckInput, sizes: readonly number[], wanted: string): readonly Judgement[] {
  if (facts.storageCapacities.kind !== "known") return [];
  const entries = facts.storageCapacities.value.filter(({ className }) => className === name);
  const fix = `Add storage to the pool behind ${name}, take another class, or smaller sizes where the profile allows it.`;
  if (entries.length === 0) {
    const provisioner =
      facts.storageClasses.kind === "known" ? facts.storageClasses.value.find((one) => one.name === name)?.provisioner : undefined;
    if (provisioner === "kubernetes.io/no-provisioner") return [largestFree(name, facts.volumes, sizes, wanted, fix)];
    return [
      unknown(
        `${name} does not say how much it has left`,
        wanted,
        `Ask the storage's owner whether ${name} can give 200 GiB and more; Kubernetes does not know.`,
      ),
    ];
  }
  const left = Math.max(...entries.map(({ capacity }) => toUnits(parseQuantity(capacity ?? "0") ?? 0n)));
  const limits = entries.map(({ maximumVolumeSize, capacity }) => toUnits(parseQuantity(maximumVolumeSize ?? capacity ?? "0") ?? 0n));
  const largest = Math.max(...sizes);
  const seen = `${name} has ${bytes(left)} left in its roomiest place`;
  if (largest > Math.max(...limits)) return [fail(`${seen}; its largest volume is ${bytes(Math.max(...limits))}`, wanted, fix)];
  if (left < largest) return [fail(seen, wanted, fix)];
  const together = entries.reduce((sum, { capacity }) => sum + toUnits(parseQuantity(capacity ?? "0") ?? 0n), 0);
  if (together < sizes.reduce((sum, size) => sum + size, 0))
    return [fail(`${name} has ${bytes(together)} left in all places together`, wanted, fix)];
  if (answers.profile !== "trial" && left < supported) return [warn(`${seen}, below the supported 200 GiB`, wanted, fix)];
  return [pass(seen, wanted)];
}

/** For a class without a provisioner: the claims need free volumes that are large enough, one each. */
function largestFree(
  name: string,
  volumes: CheckInput["facts"]["volumes"],
  sizes: readonly number[],
  wanted: string,
  fix: string,
): Judgement {
  if (volumes.kind !== "known") return unread(volumes, wanted);
  const free = volumes.value
    .filter((volume) => volume.className === name && volume.phase === "Available")
    .map(({ capacity }) => toUnits(parseQuantity(capacity) ?? 0n))
    .sort((a, b) => b - a);
  const ordered = sizes.toSorted((a, b) => b - a);
  const seen = `${free.length} free volumes of ${name}${free.length > 0 ? `, the largest ${bytes(free[0] ?? 0)}` : ""}`;
  return ordered.every((size, index) => (free[index] ?? 0) >= size) ? pass(seen, wanted) : fail(seen, wanted, fix);
}
