/** Remembers that it was rung until it is cleared; many rings are as one. */
export class Bell {
  private rung = false;
  private listener: () => void = () => undefined;

  ring(): void {
    this.rung = true;
    this.listener();
  }

  clear(): void {
    this.rung = false;
  }

  /** Resolves at once when it was rung since it was cleared, else at the next ring; rejects with the signal's reason. One listener at a time. */
  heard(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.rung) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      this.listener = () => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
    });
  }
}
