import type { Verdict } from "./finding.ts";

/** One verdict of a check. `fix` is there unless the verdict is pass. */
export type Judgement =
  | { readonly verdict: "pass"; readonly seen: string; readonly wanted: string }
  | { readonly verdict: Exclude<Verdict, "pass">; readonly seen: string; readonly wanted: string; readonly fix: string };

/** As it should be. */
export function pass(seen: string, wanted: string): Judgement {
  return { verdict: "pass", seen, wanted };
}

/** Works, but somebody should know. */
export function warn(seen: string, wanted: string, fix: string): Judgement {
  return { verdict: "warn", seen, wanted, fix };
}

/** Does not work, or would not. */
export function fail(seen: string, wanted: string, fix: string): Judgement {
  return { verdict: "fail", seen, wanted, fix };
}

/** Nothing is known, for a reason of ours. */
export function unknown(seen: string, wanted: string, fix: string): Judgement {
  return { verdict: "unknown", seen, wanted, fix };
}

/** The first few of a list, and how many more there are. */
export function some(items: readonly string[], most = 5): string {
  return items.length <= most ? items.join(", ") : `${items.slice(0, most).join(", ")} and ${items.length - most} more`;
}
