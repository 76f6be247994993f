import type { AnswersMigration } from "./migration.ts";

/** In version 1 nothing said in which time zone schedules are meant, two answers decided what is kept, and the size of the backups stood apart from them. */
export const v1ToV2: AnswersMigration = {
  from: "migratectl/v1",
  to: "migratectl/v2",
  removed: [
    {
      answer: "backup.retentionFull",
      why: "backup.retentionDays beside it decides alone what is kept; its value had no effect and goes",
      when: (at) => at("backup.retentionDays") !== undefined,
    },
  ],
  moved: [{ from: "storage.backup", to: "backup.repository.size" }],
  added: [{ answer: "backup.timeZone", standard: "Etc/UTC" }],
};
