import { assertNever } from "../domain/assert-never.ts";
import type { Progress, ProgressEvent } from "../ports/progress.ts";
import { advanceText } from "./advance-text.ts";

/** Milliseconds between two lines about the same running action, so that a log of an hour stays readable. */
const quiet = 5000;

/** Progress as plain lines, for logs and pipes: one when an action starts and ends, and now and then one in between. */
export function createPlainProgress(write: (line: string) => void, now: () => number = Date.now): Progress {
  const running = new Map<string, { readonly title: string; readonly started: number; told: number; view: string }>();
  const tell = (event: ProgressEvent): void => {
    switch (event.kind) {
      case "planned":
        return;
      case "started":
        running.set(event.id, { title: event.title, started: now(), told: now(), view: "" });
        return write(`... ${event.title}`);
      case "advanced": {
        const action = running.get(event.id);
        if (action === undefined || now() - action.told < quiet) return;
        action.told = now();
        return write(`    ${action.title}: ${advanceText(event.advance, action.started, now())}`);
      }
      case "view": {
        const action = running.get(event.id);
        const view = event.lines.join("\n");
        if (action === undefined || view === action.view || now() - action.told < quiet) return;
        action.told = now();
        action.view = view;
        return event.lines.forEach((line) => void write(`    ${line}`));
      }
      case "done": {
        const action = running.get(event.id);
        running.delete(event.id);
        return write(`ok  ${action?.title ?? event.id}${event.note === undefined ? "" : ` (${event.note})`}`);
      }
      case "skipped":
        return write(`--  ${event.title} (${event.reason})`);
      case "failed": {
        const action = running.get(event.id);
        running.delete(event.id);
        return write(`!!  ${action?.title ?? event.id}: ${event.what}`);
      }
      case "note":
        return write(event.text);
      default:
        return assertNever(event);
    }
  };
  return { tell };
}
