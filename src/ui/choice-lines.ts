import type { Choice } from "../ports/prompter.ts";
import { wrapped } from "./wrapped.ts";

/** Columns that the cursor of a list takes. */
const cursor = 2;

/** A name longer than this (a cluster's ARN) does not push the descriptions of the others to the right. */
const longestName = 34;

/** Each choice as the list shows it: names and descriptions in two columns, descriptions wrapped within theirs. */
export function choiceLines(choices: readonly Choice<unknown>[], width: number): readonly string[] {
  const column = Math.max(0, ...choices.map(({ name }) => name.length).filter((length) => length <= longestName)) + 2;
  return choices.map(({ name, description }) => {
    if (description === undefined) return name;
    const room = Math.max(20, width - cursor - column);
    const [first = "", ...others] = wrapped(description, room).split("\n");
    return [`${name.padEnd(column - 2)}  ${first}`, ...others.map((line) => " ".repeat(cursor + column) + line)].join("\n");
  });
}
