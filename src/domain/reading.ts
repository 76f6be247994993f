import { z } from "zod";

/**
 * A fact that may not be readable: in somebody else's cluster "we are not allowed to look" is an answer, not a crash.
 * `denied` names the right that is missing; `unavailable` says what did not answer.
 */
export type Reading<T> =
  | { readonly kind: "known"; readonly value: T }
  | { readonly kind: "denied"; readonly verb: string; readonly resource: string; readonly message: string }
  | { readonly kind: "unavailable"; readonly message: string };

/** A reading that did not succeed. */
export type Unread = Exclude<Reading<never>, { readonly kind: "known" }>;

/** Schema of a reading whose value fits `value`. */
export function readingSchema<T extends z.ZodType>(value: T) {
  return z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("known"), value }),
    z.object({ kind: z.literal("denied"), verb: z.string(), resource: z.string(), message: z.string() }),
    z.object({ kind: z.literal("unavailable"), message: z.string() }),
  ]);
}

/** A reading that succeeded. */
export function known<T>(value: T): Reading<T> {
  return { kind: "known", value };
}

/** A reading of something that gave no answer. */
export function unavailable(message: string): Unread {
  return { kind: "unavailable", message };
}

/** Applies `f` to a known value and passes the other kinds through. */
export function mapReading<A, B>(reading: Reading<A>, f: (value: A) => B): Reading<B> {
  return reading.kind === "known" ? known(f(reading.value)) : reading;
}
