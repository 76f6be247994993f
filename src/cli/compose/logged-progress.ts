import type { Progress, ProgressEvent } from "../../ports/progress.ts";
import type { RunStore } from "../../ports/run-store.ts";
import { createPlainProgress } from "../../ui/plain-progress.ts";

/** File of the run directory that keeps what was told. */
const logFile = "run.log";

/** Tells everything on, and writes it as plain lines with the time into the run directory; a log that cannot be written never stops a run. */
export function loggedProgress(progress: Progress, run: RunStore): Progress {
  let writing = Promise.resolve();
  const write = (line: string): void => {
    const text = `${new Date().toISOString()} ${line}\n`;
    writing = writing.then(() => run.append(logFile, text)).catch(() => undefined);
  };
  const plain = createPlainProgress(write, { reasons: true });
  return {
    tell(event: ProgressEvent) {
      progress.tell(event);
      plain.tell(event);
    },
  };
}
