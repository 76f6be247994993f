/** What every exit status of migratectl means; the one table that also feeds `--help` and the docs. */
export const exitCodes = {
  ok: { code: 0, meaning: "done" },
  bug: { code: 1, meaning: "a bug in migratectl" },
  usage: { code: 2, meaning: "wrong usage or answers" },
  preflight: { code: 3, meaning: "preflight failed; nothing was touched" },
  rolledBack: { code: 4, meaning: "failed and rolled back; the cluster is as before" },
  attention: { code: 5, meaning: "failed; needs attention" },
  recovery: { code: 6, meaning: "outside the recoverable window, or the backup is unusable" },
  transfer: { code: 7, meaning: "registry or bundle" },
  cancelled: { code: 130, meaning: "cancelled; the same command goes on from there" },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>;

/** The name of one outcome in {@link exitCodes}. */
export type ExitName = keyof typeof exitCodes;
