import type { ResolvedTarget } from "../../../src/domain/recovery/resolved.ts";

/**
 * The options of `pgbackrest restore` that a target comes to; where it restores to and what happens at the target are the caller's.
 * pgBackRest refuses `--target-timeline` for type immediate (exit 31) and writes `current` itself: the timeline of the set.
 */
export function restoreOptions({ set, type, target, timeline }: ResolvedTarget): readonly string[] {
  const options = [`--set=${set.label}`, `--type=${type}`];
  if (target === undefined) return options;
  return [...options, `--target=${target}`, `--target-timeline=${timeline}`];
}
