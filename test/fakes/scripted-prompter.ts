import { type Choice, type Prompter, StepBack } from "../../src/ports/prompter.ts";

/** One exchange: a question whose message matches, and what the person does. `answers` are tried in turn until one is taken. */
export interface Exchange {
  readonly asks: RegExp;
  readonly answers: readonly (string | boolean)[];
}

/** What a text question does with an empty line: takes the suggestion, as the terminal does. */
const enter = "";

/** The Esc key: back one question. */
export const esc = "\u001b";

/** A person who answers by script, in order; a question that is not next in the script is an error of the test. */
export class ScriptedPrompter implements Prompter {
  readonly told: string[] = [];
  readonly asked: {
    readonly message: string;
    readonly default: unknown;
    readonly choices?: readonly string[];
    readonly descriptions?: readonly (string | undefined)[];
  }[] = [];
  readonly refusals: string[] = [];
  private readonly script: Exchange[];

  constructor(script: readonly Exchange[]) {
    this.script = [...script];
  }

  /** Exchanges that were not reached. */
  get rest(): readonly Exchange[] {
    return this.script;
  }

  async text(question: Parameters<Prompter["text"]>[0]): Promise<string> {
    this.asked.push({ message: question.message, default: question.default });
    for (const answer of this.next(question.message)) {
      const line = answer === enter ? (question.default ?? "") : String(answer);
      const wrong = await question.check(line);
      if (wrong === undefined) return line;
      this.refusals.push(wrong);
    }
    throw new Error(`no answer to "${question.message}" was taken; the last refusal: ${this.refusals.at(-1)}`);
  }

  async choose<T>(question: {
    readonly message: string;
    readonly choices: readonly Choice<T>[];
    readonly default?: T | undefined;
  }): Promise<T> {
    this.asked.push({
      message: question.message,
      default: question.default,
      choices: question.choices.map(({ name }) => name),
      descriptions: question.choices.map(({ description }) => description),
    });
    const [answer] = this.next(question.message);
    const chosen =
      answer === enter
        ? (question.choices.find(({ value }) => value === question.default) ?? question.choices[0])
        : question.choices.find(({ name }) => name === answer);
    if (chosen === undefined)
      throw new Error(`"${question.message}" offers no ${String(answer)}: ${question.choices.map(({ name }) => name).join(", ")}`);
    return chosen.value;
  }

  async confirm(question: { readonly message: string; readonly default: boolean }): Promise<boolean> {
    this.asked.push({ message: question.message, default: question.default });
    const [answer] = this.next(question.message);
    return answer === enter ? question.default : answer === true;
  }

  tell(text: string): void {
    this.told.push(text);
  }

  private next(message: string): readonly (string | boolean)[] {
    const exchange = this.script.shift();
    if (exchange === undefined || !exchange.asks.test(message))
      throw new Error(`asked "${message}" where the script expects ${exchange === undefined ? "nothing more" : exchange.asks}`);
    if (exchange.answers.includes(esc)) throw new StepBack();
    return exchange.answers;
  }
}

/** A script from pairs of question and answers. */
export function script(...pairs: readonly (readonly [RegExp, ...(string | boolean)[]])[]): readonly Exchange[] {
  return pairs.map(([asks, ...answers]) => ({ asks, answers: answers.length === 0 ? [enter] : answers }));
}
