import { setTimeout as pause } from "node:timers/promises";

/** What `attempt` returns as soon as it returns something; a throw counts as nothing yet. Throws at the deadline, with the last cause. */
export async function eventually<T>(what: string, seconds: number, attempt: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const found = await attempt();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`, { cause: last });
    await pause(200);
  }
}
