import { Problem } from "../../domain/errors/problem.ts";
import { known, type Reading, unavailable } from "../../domain/reading.ts";
import { archivingFailure } from "../../domain/recovery/archiving.ts";
import type { Beside, Preview } from "../../domain/recovery/drill.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { ScratchDatabase, ScratchDatabases } from "../../ports/scratch-databases.ts";

/** What is read through. */
export interface BesidePorts {
  readonly host: Pick<BackupHost, "drills" | "redis" | "primary">;
  readonly scratch: Pick<ScratchDatabases, "find">;
}

/** How the last drill ended, whether a preview is there, whether WAL is archived, and how Redis is kept. Reads only; what cannot be told is no error, because everything else still can. */
export async function readBeside({ host, scratch }: BesidePorts, signal: AbortSignal): Promise<Reading<Beside>> {
  try {
    const [drills, redis, primary, preview] = await Promise.all([
      host.drills(signal).catch(unlessNoDatabase),
      host.redis(signal).catch(unlessNoDatabase),
      host.primary(signal).catch(unlessNoDatabase),
      scratch.find("preview", signal),
    ]);
    const lastDrill = drills?.find(({ status }) => status !== "running");
    const archiving = primary && archivingFailure(primary.archived);
    return known({ lastDrill, preview: preview && previewOf(preview), archiving, redis });
  } catch (error) {
    if (!(error instanceof Problem) || signal.aborted) throw error;
    return unavailable(error.message);
  }
}

/** What the notes of a preview say. */
function previewOf({ phase, notes }: ScratchDatabase): Preview {
  return { target: notes["target"] ?? "", at: notes["at"] ?? "", until: new Date(notes["until"] ?? 0), runs: phase === "running" };
}

/** Where the database does not run, or its image knows of no drills, there is nothing to tell. */
function unlessNoDatabase(error: unknown): undefined {
  if (error instanceof Problem && (error.code === "BACKUP_HOST_MISSING" || error.code === "BACKUP_HOST_STRANGE")) return undefined;
  throw error;
}
