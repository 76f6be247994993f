import { stripVTControlCharacters } from "node:util";

/**
 * Text whose lines are at most `width` columns long, broken between words; a line that goes on is indented `deeper` columns more than it
 * starts. A word that is longer than a line stays whole. Colours take no room.
 */
export function wrapped(text: string, width: number, deeper = 0): string {
  return text
    .split("\n")
    .flatMap((line) => broken(line, width, deeper))
    .join("\n");
}

function broken(line: string, width: number, deeper: number): readonly string[] {
  const indent = " ".repeat(line.length - line.trimStart().length + deeper);
  const lines: string[] = [];
  let rest = line;
  while (columns(rest) > width) {
    const start = rest.length - rest.trimStart().length;
    const gaps = [...rest.matchAll(/ +/g)].map(({ index }) => index).filter((index) => index > start);
    const end = gaps.findLast((index) => columns(rest.slice(0, index)) <= width) ?? gaps[0];
    if (end === undefined) break;
    lines.push(rest.slice(0, end));
    rest = indent + rest.slice(end).trimStart();
  }
  return rest.trim() === "" && lines.length > 0 ? lines : [...lines, rest];
}

function columns(text: string): number {
  return stripVTControlCharacters(text).length;
}
