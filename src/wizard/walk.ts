import { type Choice, type Prompter, StepBack } from "../ports/prompter.ts";

/** One step: asks, looks or judges by these ports, and gives the state after it. */
export type Step<State, Ports> = (state: State, ports: Ports, signal: AbortSignal) => Promise<State>;

/**
 * Takes the steps in order. Who goes back is asked again at the step that asked last, with the state as it is by then: every answer given
 * so far stands as the suggestion. At the first question there is nothing to go back to, so that it is asked again.
 * @throws what a step throws, except StepBack
 */
export async function walk<State, Ports extends { readonly prompter: Prompter }>(
  steps: readonly Step<State, Ports>[],
  start: State,
  ports: Ports,
  signal: AbortSignal,
): Promise<State> {
  const trail: number[] = [];
  let [state, position] = [start, 0];
  for (let step = steps[position]; step !== undefined; step = steps[position]) {
    const prompter = new WatchedPrompter(ports.prompter);
    try {
      state = await step(state, { ...ports, prompter }, signal);
      if (prompter.asked) trail.push(position);
      position += 1;
    } catch (error) {
      if (!(error instanceof StepBack)) throw error;
      position = trail.pop() ?? position;
    }
  }
  return state;
}

/** Knows whether it was asked anything: a step that was settled without a question is passed over on the way back. */
class WatchedPrompter implements Prompter {
  asked = false;
  private readonly inner: Prompter;

  constructor(inner: Prompter) {
    this.inner = inner;
  }

  text(question: Parameters<Prompter["text"]>[0]): Promise<string> {
    this.asked = true;
    return this.inner.text(question);
  }

  choose<T>(question: { readonly message: string; readonly choices: readonly Choice<T>[]; readonly default?: T | undefined }): Promise<T> {
    this.asked = true;
    return this.inner.choose(question);
  }

  confirm(question: Parameters<Prompter["confirm"]>[0]): Promise<boolean> {
    this.asked = true;
    return this.inner.confirm(question);
  }

  tell(text: string): void {
    this.inner.tell(text);
  }
}
