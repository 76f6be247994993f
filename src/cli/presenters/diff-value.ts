import type { FieldPath } from "../../domain/diff/field-path.ts";
import { parseImageReference } from "../../domain/image-reference.ts";

/** Characters of a value that are shown; --json has all of them. */
const longest = 100;

/** Lines of a text that changed which are shown. */
const mostLines = 8;

/** A value in one line, cut where it is long: text as it is where that is clear, everything else as JSON. */
export function valueText(path: FieldPath, value: unknown): string {
  const image = imageText(path, value);
  if (image !== undefined) return image;
  if (typeof value === "string" && value.includes("\n")) return `${linesOf(value).length} lines`;
  const plain = typeof value === "string" && /^[^\s"'\p{Cc}](?:[^\p{Cc}]*[^\s\p{Cc}])?$/u.test(value);
  return cut(plain ? value : JSON.stringify(value));
}

/** Both values; of images of one repository that is named once, and their digests are short. */
export function changeText(path: FieldPath, before: unknown, after: unknown): string {
  const [old, now] = [valueText(path, before), valueText(path, after)];
  const [first, second] = [image(path, before), image(path, after)];
  const same = first !== undefined && first.name === second?.name;
  return same ? `${first.name} ${first.pin} -> ${second.pin}` : `${old} -> ${now}`;
}

/** The lines of a text that became others, without those that begin and end both of them; undefined unless both are texts of several lines. */
export function changedLines(
  before: unknown,
  after: unknown,
): readonly { readonly sign: "+" | "-" | " "; readonly text: string }[] | undefined {
  if (typeof before !== "string" || typeof after !== "string" || !(before.includes("\n") || after.includes("\n"))) return undefined;
  const [old, now] = [linesOf(before), linesOf(after)];
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const lines = [
    ...old.slice(head, old.length - tail).map((text) => ({ sign: "-" as const, text: lineText(text) })),
    ...now.slice(head, now.length - tail).map((text) => ({ sign: "+" as const, text: lineText(text) })),
  ];
  const more = lines.length - mostLines;
  return more <= 0 ? lines : [...lines.slice(0, mostLines), { sign: " " as const, text: `and ${more} more lines` }];
}

function imageText(path: FieldPath, value: unknown): string | undefined {
  const found = image(path, value);
  return found === undefined ? undefined : `${found.name} ${found.pin}`;
}

function image(path: FieldPath, value: unknown): { readonly name: string; readonly pin: string } | undefined {
  if (path.at(-1) !== "image" || typeof value !== "string") return undefined;
  const read = parseImageReference(value);
  if (read?.digest === undefined) return undefined;
  const hex = read.digest.slice("sha256:".length);
  return { name: `${read.host}/${read.repository}`, pin: `sha256:${hex.slice(0, 12)}…` };
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\n$/, "").split("\n");
}

/** What a terminal would take for a command is escaped. */
function lineText(line: string): string {
  return cut(/\p{Cc}/u.test(line.replaceAll("\t", " ")) ? JSON.stringify(line) : line);
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join("")}…`;
}
