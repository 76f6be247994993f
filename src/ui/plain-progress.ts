import { assertNever } from "../domain/assert-never.ts";
import type { Progress, ProgressEvent } from "../ports/progress.ts";
import { advanceText } from "./advance-text.ts";

/** Milliseconds between two lines about the same running action, so that a log of an hour stays readable. */
const quiet = 5000;

/** How plain lines are written. */
export interface PlainOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Whether a failed action's line says why. On a terminal the command's error says it in the next line; a log has no other place for it. */
  readonly reasons?: boolean;
}

/** Progress as plain lines, for logs and pipes: one when an action starts and ends, and now and then one in between. */
export function createPlainProgress(write: (line: string) => void, { now = Date.now, reasons = false }: PlainOptions = {}): Progress {
  const running = new Map<string, { readonly title: string; readonly started: number; told: number; view: string }>();
  const tell = (event: ProgressEvent): void => {
    switch (event.kind) {
      case "planned":
        return;
      case "started":
        running.set(event.id, { title: event.title, started: now(), told: now(), view: "" });
        write(`... ${event.title}`);
        return;
      case "advanced": {
        const action = running.get(event.id);
        if (action === undefined || now() - action.told < quiet) return;
        action.told = now();
        write(`    ${action.title}: ${advanceText(event.advance, action.started, now())}`);
        return;
      }
      case "view": {
        const action = running.get(event.id);
        const view = event.lines.join("\n");
        if (action === undefined || view === action.view || now() - action.told < quiet) return;
        action.told = now();
        action.view = view;
        event.lines.forEach((line) => {
          write(`    ${line}`);
        });
        return;
      }
      case "done": {
        const action = running.get(event.id);
        running.delete(event.id);
        write(`ok  ${action?.title ?? event.id}${event.note === undefined ? "" : ` (${event.note})`}`);
        return;
      }
      case "skipped":
        write(`--  ${event.title} (${event.reason})`);
        return;
      case "failed": {
        const action = running.get(event.id);
        running.delete(event.id);
        write(`!!  ${action?.title ?? event.id}${reasons ? `: ${event.what}` : ""}`);
        return;
      }
      case "note":
        write(event.text);
        return;
      default:
        assertNever(event);
    }
  };
  return { tell };
}
