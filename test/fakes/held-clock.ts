import type { Clock } from "../../src/ports/clock.ts";

/** A clock that stands still until a test moves it; pauses end when their moment has come. */
export class HeldClock implements Clock {
  private time: number;
  private readonly waiting = new Set<{ readonly until: number; readonly wake: () => void }>();

  constructor(start = "2026-01-02T03:04:05.000Z") {
    this.time = Date.parse(start);
  }

  now(): Date {
    return new Date(this.time);
  }

  pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abort = () => {
        this.waiting.delete(waiter);
        reject(signal.reason);
      };
      const wake = () => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      const waiter = { until: this.time + ms, wake };
      this.waiting.add(waiter);
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  /** Lets time pass, from one waiter's moment to the next, until the work has ended. */
  async during<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = () => (ended = true);
    work.then(end, end);
    for (await settle(); !ended; await settle()) {
      const next = Math.min(...[...this.waiting].map(({ until }) => until));
      if (Number.isFinite(next)) await this.advance(next - this.time);
    }
    return await work;
  }

  /** Moves time forward to each waiter's moment in turn, and lets what it wakes run before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = [...this.waiting].filter(({ until }) => until <= end).sort((a, b) => a.until - b.until)[0];
      if (next === undefined) break;
      this.time = Math.max(this.time, next.until);
      this.waiting.delete(next);
      next.wake();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets every promise that can go on do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
