import { Problem } from "../domain/errors/problem.ts";
import type { LookContext } from "./run/step.ts";

/** Milliseconds between two looks. */
const pause = 1_000;

/**
 * Looks until there is something; milliseconds of `within` are what it may take.
 * @throws Problem DEADLINE that says what was waited for, and what looking throws
 */
export async function awaitSomething<T>(
  what: string,
  within: number,
  { clock, signal }: Pick<LookContext, "clock" | "signal">,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const end = clock.now().getTime() + within;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (clock.now().getTime() >= end) throw new Problem("DEADLINE", { what: `${what}: not within ${Math.round(within / 1000)} s` });
    await clock.pause(pause, signal);
  }
}
