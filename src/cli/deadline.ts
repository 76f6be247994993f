import { Problem } from "../domain/errors/problem.ts";

/** Longest that one timer of Node waits, in milliseconds (24.8 days); a longer one would end at once. */
const longestTimer = 2 ** 31 - 1;

/** A signal that aborts with Problem DEADLINE when `milliseconds` have passed, however many; it keeps no process alive. */
export function deadline(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const wait = (left: number): void => {
    const next = Math.min(left, longestTimer);
    setTimeout(() => (left > next ? wait(left - next) : controller.abort(passed(milliseconds))), next).unref();
  };
  wait(milliseconds);
  return controller.signal;
}

function passed(milliseconds: number): Problem {
  return new Problem("DEADLINE", { what: `--timeout of ${Math.round(milliseconds / 1000)} s has passed` });
}
