import { setTimeout as pause } from "node:timers/promises";

/** Asks `probe` every `pauseMs` until it gives something other than undefined; throws after `deadlineMs`, naming `what` and the last error. */
export const until = async <T>(
  what: string,
  probe: (signal: AbortSignal) => Promise<T | undefined> | T | undefined,
  options: { readonly deadlineMs: number; readonly pauseMs?: number; readonly signal?: AbortSignal },
): Promise<T> => {
  const timeout = AbortSignal.timeout(options.deadlineMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  let last: unknown;
  for (;;) {
    try {
      const found = await probe(signal);
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    if (options.signal?.aborted) throw options.signal.reason;
    if (timeout.aborted) {
      const why = last instanceof Error ? `: ${last.message}` : "";
      throw new Error(`${what} did not come up within ${options.deadlineMs / 1000} s${why}`, { cause: last });
    }
    await pause(options.pauseMs ?? 50);
  }
};
