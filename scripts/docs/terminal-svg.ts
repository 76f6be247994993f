/**
 * Draws what a terminal showed as an SVG picture: `tmux capture-pane -e -p | node scripts/docs/terminal-svg.ts [FIRST LAST] > docs/images/demo.svg`.
 * Reads text with SGR colour codes on stdin; FIRST and LAST choose lines, counted from 1.
 */
import { stripVTControlCharacters } from "node:util";

const palette: Readonly<Record<number, string>> = {
  31: "#f47067",
  32: "#57ab5a",
  33: "#c69026",
  34: "#539bf5",
  35: "#b083f0",
  36: "#39c5cf",
  90: "#768390",
  91: "#ff938a",
  92: "#6bc46d",
  93: "#daaa3f",
  96: "#56d4dd",
};

interface Pen {
  readonly fill?: string;
  readonly bold: boolean;
  readonly dim: boolean;
}

const plain: Pen = { bold: false, dim: false };
const size = { line: 18, left: 14, top: 26, character: 7.83 } as const;

/** Splits at SGR sequences and keeps their numbers: odd parts are codes. */
const sgr = new RegExp(`${String.fromCharCode(27)}\\[([0-9;]*)m`);

const [first = 1, last = Number.POSITIVE_INFINITY] = process.argv.slice(2).map(Number);
const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const lines = Buffer.concat(chunks)
  .toString("utf8")
  .trimEnd()
  .split("\n")
  .slice(first - 1, last);
process.stdout.write(picture(lines));

function picture(shown: readonly string[]): string {
  let pen = plain;
  const rows = shown.map((line, index) => {
    const spans: string[] = [];
    for (const [position, part] of line.split(sgr).entries()) {
      if (position % 2 === 1) pen = part.split(";").map(Number).reduce(apply, pen);
      else if (part !== "") spans.push(`<tspan${attributes(pen)}>${escaped(part)}</tspan>`);
    }
    return `<text x="${size.left}" y="${size.top + index * size.line}" xml:space="preserve">${spans.join("")}</text>`;
  });
  const columns = Math.max(...shown.map((line) => stripVTControlCharacters(line).length));
  const [width, height] = [Math.ceil(columns * size.character + 2 * size.left), shown.length * size.line + size.top];
  const frame = `<rect width="${width}" height="${height}" rx="8" fill="#1c2128"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, 'DejaVu Sans Mono', monospace" font-size="13" fill="#cdd9e5">${frame}${rows.join("")}</svg>\n`;
}

function apply(pen: Pen, code: number): Pen {
  if (code === 0) return plain;
  if (code === 1) return { ...pen, bold: true };
  if (code === 2) return { ...pen, dim: true };
  if (code === 22) return { ...pen, bold: false, dim: false };
  if (code === 39) return { bold: pen.bold, dim: pen.dim };
  const fill = palette[code];
  return fill === undefined ? pen : { ...pen, fill };
}

function attributes({ fill, bold, dim }: Pen): string {
  return `${fill === undefined ? "" : ` fill="${fill}"`}${bold ? ' font-weight="bold"' : ""}${dim ? ' opacity="0.6"' : ""}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
