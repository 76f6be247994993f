/** Runs at most `limit` of the given jobs at once, each started as soon as there is room. */
export function bounded(limit: number): <T>(job: () => Promise<T>) => Promise<T> {
  let running = 0;
  const queue: (() => void)[] = [];
  const leave = () => {
    running -= 1;
    queue.shift()?.();
  };
  return async (job) => {
    if (running >= limit) await new Promise<void>((resolve) => queue.push(resolve));
    running += 1;
    try {
      return await job();
    } finally {
      leave();
    }
  };
}
