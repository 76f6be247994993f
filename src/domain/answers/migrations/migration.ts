/** An answer whose place has another name from a version on. */
interface MovedAnswer {
  readonly from: string;
  readonly to: string;
}

/** An answer that a version no longer has; why also says what becomes of its value. */
interface RemovedAnswer {
  readonly answer: string;
  readonly why: string;
}

/** A question that a version asks and the ones before it did not. */
interface NewAnswer {
  readonly answer: string;
  /** What holds where nobody answers it; absent: it has to be answered. */
  readonly standard?: string;
}

/** How the answers of one version become those of the next. Paths are dotted. */
export interface AnswersMigration {
  readonly from: string;
  readonly to: string;
  /** Carried out before the moves; `at` gives the value at a path in the answers as they were. */
  readonly removed: readonly (RemovedAnswer & { readonly when: (at: (path: string) => unknown) => boolean })[];
  readonly moved: readonly MovedAnswer[];
  readonly added: readonly NewAnswer[];
}

/** What became of answers of an earlier version; of what they did not hold nothing is said. */
export interface MigratedAnswers {
  /** Version that they had. */
  readonly from: string;
  readonly moved: readonly MovedAnswer[];
  readonly removed: readonly RemovedAnswer[];
  /** New questions that they do not answer. */
  readonly added: readonly NewAnswer[];
}
