import type { Answers } from "./answers.ts";

/** What of the backups is kept: so many full ones, or what reaches back so many days. */
export interface BackupRetention {
  readonly unit: "full backups" | "days";
  readonly count: number;
}

/** Full backups that are kept when nobody decided. */
export const usualFullBackups = 4;

/** What is kept, as answered. */
export function backupRetention({ backup }: Pick<Answers, "backup">): BackupRetention {
  return backup.retentionDays === undefined
    ? { unit: "full backups", count: backup.retentionFull ?? usualFullBackups }
    : { unit: "days", count: backup.retentionDays };
}
