import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { parseJournal } from "../../../src/domain/plan/journal.ts";
import { type Installed, release } from "./installed.ts";
import { type Item, itemise, pgBackRestSeconds, phasesIn } from "./items.ts";

const journalSchema = z.object({ data: z.object({ "journal.json": z.string() }) });

/** `migratectl backup restore --to-latest`, its wall time item by item. */
export async function restoreByUs(platform: Installed): Promise<readonly Item[]> {
  const over = new AbortController();
  const log: string[] = [];
  const following = followRestore(platform, over.signal, (line) => log.push(line));
  const { began, ended } = await platform
    .migratectl("backup", "restore", "--to-latest", "--yes", "--confirm", release)
    .finally(() => over.abort());
  await following;
  const { data } = journalSchema.parse(JSON.parse(await platform.kubectl(["get", "configmap", "migratectl-journal", "-o", "json"])));
  const reading = parseJournal(data["journal.json"]);
  if (reading.kind !== "journal") throw new Error("the restore's journal cannot be read");
  const backupSeconds = pgBackRestSeconds("backup", await platform.kubectl(["logs", "postgres-0", "-c", "backup-agent"]));
  return itemise({ began, ended, entries: reading.journal.entries, phases: phasesIn(log), backupSeconds });
}

/** Reads the log of the restore's pod while it lives: with the pod it is gone. */
async function followRestore(platform: Installed, signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
  const seen = Promise.withResolvers<string>();
  const watching = platform.watch(["get", "pods", "--watch-only", "--output=name"], signal, (line) => {
    if (line.startsWith("pod/postgres-restore-")) seen.resolve(line);
  });
  signal.addEventListener("abort", () => seen.resolve(""), { once: true });
  const pod = await seen.promise;
  let read = false;
  // Of a container that is still being made kubectl says that it has no log.
  while (!signal.aborted && pod !== "" && !read) {
    await platform.watch(["logs", "--follow", "--timestamps", "-c", "postgres", pod], signal, (line) => {
      read ||= /^\d{4}-\d\d-\d\dT/.test(line);
      onLine(line);
    });
    await pause(100);
  }
  await watching;
}
