/**
 * A fact that may not be readable: in somebody else's cluster "we are not allowed to look" is an answer, not a crash.
 * `denied` names the right that is missing; `unavailable` says what did not answer.
 */
export type Reading<T> =
  | { readonly kind: "known"; readonly value: T }
  | { readonly kind: "denied"; readonly verb: string; readonly resource: string; readonly message: string }
  | { readonly kind: "unavailable"; readonly message: string };

/** A reading that succeeded. */
export function known<T>(value: T): Reading<T> {
  return { kind: "known", value };
}

/** Applies `f` to a known value and passes the other kinds through. */
export function mapReading<A, B>(reading: Reading<A>, f: (value: A) => B): Reading<B> {
  return reading.kind === "known" ? known(f(reading.value)) : reading;
}
