import { setTimeout as pause } from "node:timers/promises";
import type { Problem } from "../../domain/errors/problem.ts";

/** How often and how patiently something is tried again. Times in milliseconds. */
export interface RetryPolicy {
  readonly tries: number;
  /** Pause after the first failure; it doubles from there. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** Longest Retry-After that is obeyed; a registry that wants more counts as unavailable. */
  readonly longestRetryAfter: number;
}

/** Rides out a restart of the registry (about half a minute) in the middle of a push. */
export const patient: RetryPolicy = { tries: 8, firstPause: 300, longestPause: 15_000, longestRetryAfter: 120_000 };

/** For first contact and probes, where a person waits for an answer. */
export const brief: RetryPolicy = { tries: 3, firstPause: 200, longestPause: 1000, longestRetryAfter: 2000 };

/** A failure that may pass by itself. `problem` is what it becomes when it does not. */
export class Transient extends Error {
  readonly problem: Problem;
  /** What the registry's Retry-After says, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter?: number) {
    super(problem.message);
    this.name = "Transient";
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** Tries until it succeeds; a {@link Transient} failure is tried again with a growing, jittered pause, any other is thrown at once. */
export async function withRetries<T>(policy: RetryPolicy, signal: AbortSignal, attempt: (number: number) => Promise<T>): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Transient)) throw error;
      if (number >= policy.tries || (error.retryAfter ?? 0) > policy.longestRetryAfter) throw error.problem;
      const backoff = Math.min(policy.firstPause * 2 ** (number - 1), policy.longestPause);
      await pause(Math.max(backoff * (0.5 + Math.random() / 2), error.retryAfter ?? 0), undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      );
    }
  }
}
