/** One choice of a list. */
export interface Choice<T> {
  readonly value: T;
  readonly name: string;
  readonly description?: string;
}

/**
 * Asks a person. Every method rejects with Problem CANCELLED on Ctrl-C, and throws Problem USAGE when there is no terminal:
 * callers ask before any task list starts, and never under --yes.
 */
export interface Prompter {
  text(question: { readonly message: string; readonly default?: string; readonly validate: (answer: string) => true | string | Promise<true | string> }): Promise<string>;
  choose<T>(question: { readonly message: string; readonly choices: readonly Choice<T>[]; readonly default?: T }): Promise<T>;
  confirm(question: { readonly message: string; readonly default: boolean }): Promise<boolean>;
}
