import type { Advance, Progress } from "../../ports/progress.ts";

/** Runs a piece of work that tells its beginning, its advance and its end. */
export async function task<T>(
  progress: Progress,
  id: string,
  title: string,
  work: (advance: (advance: Advance) => void) => Promise<T>,
): Promise<T> {
  progress.tell({ kind: "started", id, title });
  try {
    const result = await work((advance) => progress.tell({ kind: "advanced", id, advance }));
    progress.tell({ kind: "done", id });
    return result;
  } catch (error) {
    progress.tell({ kind: "failed", id, what: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}
