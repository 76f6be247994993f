/** One choice of a list. */
export interface Choice<T> {
  readonly value: T;
  readonly name: string;
  readonly description?: string;
}

/** What is wrong with an answer, or undefined when nothing is. */
export type Verdict = string | undefined;

/** What a question rejects with when the person wants the one before it again; only prompters that were made to offer this do. */
export class StepBack extends Error {
  constructor() {
    super("the person went back one question");
    this.name = "StepBack";
  }
}

interface Asked {
  readonly message: string;
  /** Shown beside the message until it is answered. */
  readonly hint?: string | undefined;
}

/**
 * Asks a person. Every method rejects with Problem CANCELLED on Ctrl-C, and throws Problem USAGE when there is no terminal:
 * callers ask before any task list starts, and never under --yes.
 */
export interface Prompter {
  /**
   * One line of text; asked again, with the reason, until `check` has nothing against it. An empty line takes the default;
   * with `clearable` the default stands in the line instead, so that it can be edited and taken away.
   */
  text(
    question: Asked & {
      readonly default?: string | undefined;
      readonly clearable?: boolean;
      readonly check: (answer: string) => Verdict | Promise<Verdict>;
    },
  ): Promise<string>;
  /** One of a list; `default` is the one under the cursor. */
  choose<T>(question: Asked & { readonly choices: readonly Choice<T>[]; readonly default?: T | undefined }): Promise<T>;
  confirm(question: Asked & { readonly default: boolean }): Promise<boolean>;
  /** Tells something between questions: what was found, and so not asked. */
  tell(text: string): void;
}
