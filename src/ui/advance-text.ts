import { formatBytes, formatSeconds } from "../domain/units.ts";
import type { Advance } from "../ports/progress.ts";

/** One line on how far an action is: amount, share, rate and time left for bytes; the note at the end. `started` and `now` in ms. */
export function advanceText(advance: Advance, started: number, now: number): string {
  const amount = (count: number): string => (advance.unit === "bytes" ? formatBytes(count) : String(count));
  const parts = [advance.total === undefined ? amount(advance.done) : `${amount(advance.done)} of ${amount(advance.total)}`];
  const seconds = (now - started) / 1000;
  if (advance.total !== undefined && advance.total > 0) parts.push(`${Math.floor((100 * advance.done) / advance.total)} %`);
  if (advance.unit === "bytes" && seconds >= 1 && advance.done > 0) {
    const rate = advance.done / seconds;
    parts.push(`${formatBytes(rate)}/s`);
    if (advance.total !== undefined && advance.done < advance.total)
      parts.push(`${formatSeconds((advance.total - advance.done) / rate)} left`);
  }
  if (advance.note !== undefined) parts.push(advance.note);
  return parts.join(" · ");
}
