/**
 * Runs `work` for every item, in order, at most `width` at a time. The first failure aborts the signal that the others run with,
 * waits for them to end, and is thrown. Aborting `signal` does the same with its reason.
 */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  signal: AbortSignal,
  work: (item: T, running: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const running = AbortSignal.any([signal, failure.signal]);
  const queue = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); !next.done && !running.aborted; next = queue.next()) {
      try {
        await work(next.value, running);
      } catch (error) {
        failure.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  running.throwIfAborted();
}
