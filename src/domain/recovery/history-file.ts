import { type Lsn, parseLsn } from "./lsn.ts";

/** Where a history left one timeline for the next. */
export interface Fork {
  /** The timeline that was left. */
  readonly timeline: number;
  /** Up to here, and not further, its WAL belongs to the history. */
  readonly lsn: Lsn;
}

/** The forks in a file `TTTTTTTT.history`, oldest first; undefined when the text is not such a file, which Postgres refuses too. */
export function parseHistory(text: string): readonly Fork[] | undefined {
  const forks: Fork[] = [];
  for (const line of text.split("\n")) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const [, timeline, at] = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)(?:\s|$)/i.exec(line) ?? [];
    const lsn = at === undefined ? undefined : parseLsn(at);
    if (timeline === undefined || lsn === undefined || Number(timeline) <= (forks.at(-1)?.timeline ?? 0)) return undefined;
    forks.push({ timeline: Number(timeline), lsn });
  }
  return forks.length === 0 ? undefined : forks;
}
