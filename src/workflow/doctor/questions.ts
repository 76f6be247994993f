import { known, type Reading, unavailable } from "../../domain/reading.ts";
import type { Progress } from "../../ports/progress.ts";

/** What is told while questions are asked. */
export const gathering = { id: "gather-facts", title: "Looking at the release" } as const;

/** Milliseconds for what the API server is asked, and for what a pod is. */
export const [apiDeadline, podDeadline] = [30_000, 120_000];

/** Asks questions side by side; each has a deadline of its own, and one that fails keeps nothing of the others back. */
export class Questions {
  private done = 0;
  private total = 0;
  private readonly progress: Progress;
  private readonly signal: AbortSignal;

  constructor(progress: Progress, signal: AbortSignal) {
    this.progress = progress;
    this.signal = signal;
  }

  /** Asks for what may be denied. Throws what the command was ended with, and nothing else. */
  async read<T>(note: string, deadline: number, ask: (signal: AbortSignal) => Promise<Reading<T>>): Promise<Reading<T>> {
    this.total += 1;
    const own = AbortSignal.timeout(deadline);
    try {
      return await ask(AbortSignal.any([this.signal, own]));
    } catch (error) {
      this.signal.throwIfAborted();
      if (own.aborted) return unavailable(`${note}: no answer within ${deadline / 1000} s`);
      return unavailable(error instanceof Error ? error.message : String(error));
    } finally {
      this.done += 1;
      this.progress.tell({ kind: "advanced", id: gathering.id, advance: { done: this.done, total: this.total, unit: "items", note } });
    }
  }

  /** As {@link read}, of what is told or fails. */
  async ask<T>(note: string, deadline: number, ask: (signal: AbortSignal) => Promise<T>): Promise<Reading<T>> {
    return await this.read(note, deadline, async (signal) => known(await ask(signal)));
  }
}
