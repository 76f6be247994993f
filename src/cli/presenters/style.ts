import { stripVTControlCharacters, styleText } from "node:util";

type Paint = (text: string) => string;

/** Colours and weights for text results; every function returns its input unchanged when colours are off. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  /** Columns that a line may have; Infinity where nothing folds, such as in a file. */
  readonly columns: number;
}

/** A style with colours on or off, for a terminal of so many columns. */
export function createStyle(colors: boolean, columns = Number.POSITIVE_INFINITY): Style {
  const paint =
    (format: "bold" | "dim" | "red" | "green" | "yellow" | "cyan"): Paint =>
    (text) =>
      colors ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    red: paint("red"),
    green: paint("green"),
    yellow: paint("yellow"),
    cyan: paint("cyan"),
    columns,
  };
}

/** Lines of a table whose columns are padded to their widest cell (two spaces between); colours do not count as width. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - width(cell))))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Columns of the widest line that {@link table} makes of these rows. */
export function tableWidth(rows: readonly (readonly string[])[]): number {
  return Math.max(0, ...table(rows).split("\n").map(width));
}

/** Plain text folded at its spaces into lines of at most so many columns; a longer word has a line of its own. */
export function fold(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    if (line !== "" && width(line) + 1 + width(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

function width(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
