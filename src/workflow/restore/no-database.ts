import { Problem } from "../../domain/errors/problem.ts";

/** Whoever restores may do so because there is no database to ask. */
export function unlessNoDatabase(error: unknown): undefined {
  if (error instanceof Problem && ["BACKUP_HOST_MISSING", "BACKUP_HOST_STRANGE", "EXEC_FAILED"].includes(error.code)) return undefined;
  throw error;
}
