/** A run that has not come to its end, as the journal and the Lease tell. */
export interface UnfinishedRun {
  /** `install`, `restore` …; undefined of a journal that this version does not understand. */
  readonly workflow: string | undefined;
  /** The command that goes on with it. */
  readonly command: string | undefined;
  /** RFC 3339. */
  readonly startedAt: string | undefined;
  /** Why it stopped, where it noted that. */
  readonly failure: string | undefined;
  /** `user from host` of who runs it just now; undefined when nobody does. */
  readonly heldBy: string | undefined;
}
