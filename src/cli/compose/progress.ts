import type { Progress } from "../../ports/progress.ts";
import { createPlainProgress } from "../../ui/plain-progress.ts";

/** A progress that a command owns: it waits for the last frame before the result is written. */
export interface OwnedProgress extends Progress {
  /** Resolves when everything told so far is on the screen. */
  finish(): Promise<void>;
  /** Has a person asked, whatever is on the screen; `question` writes to the stream that it is given. */
  ask<T>(question: (output: NodeJS.WritableStream) => Promise<T>): Promise<T>;
}

/**
 * Progress on stderr. `live` is for a terminal; listr2 and ora are loaded only when the first event comes, in order with all later ones.
 */
export function createProgress({ live, silent }: { readonly live: boolean; readonly silent: boolean }): OwnedProgress {
  const ask: OwnedProgress["ask"] = (question) => question(process.stderr);
  if (silent) return { tell: () => {}, finish: async () => {}, ask };
  if (!live) return { ...createPlainProgress((line) => void process.stderr.write(`${line}\n`)), finish: async () => {}, ask };
  let screen: Promise<OwnedProgress> | undefined;
  return {
    tell(event) {
      screen ??= import("../../ui/live-progress.ts").then(({ LiveProgress }) => new LiveProgress());
      void screen.then((ready) => ready.tell(event));
    },
    async finish() {
      await (await screen)?.finish();
    },
    ask: async (question) => await ((await screen)?.ask(question) ?? ask(question)),
  };
}
