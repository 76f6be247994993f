import type { Progress, ProgressEvent } from "../../src/ports/progress.ts";

/** Keeps everything that was told. */
export class RecordingProgress implements Progress {
  readonly events: ProgressEvent[] = [];

  tell(event: ProgressEvent): void {
    this.events.push(event);
  }

  async ask<T>(question: (output: NodeJS.WritableStream) => Promise<T>): Promise<T> {
    return await question(process.stderr);
  }

  /** Ids of the actions with that kind of event, in order. */
  ids(kind: "started" | "done" | "skipped" | "failed"): readonly string[] {
    return this.events.flatMap((event) => (event.kind === kind ? [event.id] : []));
  }

  /** Texts of the notes, in order. */
  get notes(): readonly string[] {
    return this.events.flatMap((event) => (event.kind === "note" ? [event.text] : []));
  }
}
