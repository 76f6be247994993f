/** Time, so that tests can hold it. */
export interface Clock {
  /** Now. */
  now(): Date;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}
