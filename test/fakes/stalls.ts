/** Calls that hang, as on a server that takes them and says nothing. */
export class Stalls<M extends string> {
  private readonly stalled = new Set<M>();
  private readonly waiting = new Set<() => void>();

  /** From now on calls of these methods hang: until {@link resume}, or until the caller gives up. */
  stall(methods: readonly M[]): void {
    for (const method of methods) this.stalled.add(method);
  }

  /** Ends every stall: what hung is done now. */
  resume(): void {
    this.stalled.clear();
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  /** Each call begins with this. Who has given up gets nothing done; who comes to a stalled method waits. @throws the signal's reason */
  async turn(method: M, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (!this.stalled.has(method)) return;
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.waiting.delete(wake);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      this.waiting.add(wake);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }
}
