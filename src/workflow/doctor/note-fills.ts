import { type FillHistory, fillHistorySchema, noFillHistory, withSample } from "../../domain/doctor/fill-rate.ts";
import type { ClaimUse } from "../../domain/doctor/node-stats.ts";
import type { Progress } from "../../ports/progress.ts";
import type { RunStore } from "../../ports/run-store.ts";

const file = "volumes.json";

/**
 * Notes how full the volumes are, and gives what was noted until now. A note that cannot be read is begun anew, and one that cannot be kept is
 * told: neither is a reason to keep the findings back.
 */
export async function notedFills(
  { notebook, progress }: { readonly notebook: Pick<RunStore, "read" | "write">; readonly progress: Progress },
  at: Date,
  claims: readonly ClaimUse[],
): Promise<FillHistory> {
  const before = await earlier(notebook);
  const now = withSample(before, at, claims);
  if (JSON.stringify(now) === JSON.stringify(before)) return now;
  try {
    await notebook.write(file, `${JSON.stringify(now)}\n`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    progress.tell({ kind: "note", text: `How full the volumes are could not be noted, so that nothing tells how long they last: ${why}` });
  }
  return now;
}

async function earlier(notebook: Pick<RunStore, "read">): Promise<FillHistory> {
  try {
    return fillHistorySchema.parse(JSON.parse((await notebook.read(file)) ?? ""));
  } catch {
    return noFillHistory;
  }
}
