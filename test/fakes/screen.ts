import { Writable } from "node:stream";

const esc = String.fromCharCode(27);
/** Text, a control character, or one escape sequence. */
const tokens = new RegExp(`${esc}\\[(\\?)?([0-9;]*)([A-Za-z])|[\\n\\r]|[^${esc}\\n\\r]+`, "g");

/** A terminal as a stream: keeps what stands on it, and what was done to it on the way. Understands what progress bars write; throws on anything else. */
export class Screen extends Writable {
  readonly isTTY = true;
  readonly rows = 40;
  readonly columns: number;
  /** Frames written: one per update of the whole. */
  updates = 0;
  cursorVisible = true;
  /** How often each row was written to, spaces and erasures included. */
  readonly touched: number[] = [];
  private readonly lines: string[][] = [[]];
  private row = 0;
  private column = 0;

  constructor(columns: number) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  /** What stands on the screen, without trailing spaces and empty lines at the end. */
  get text(): string {
    return this.lines
      .map((line) => line.join("").trimEnd())
      .join("\n")
      .trimEnd();
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.updates += 1;
    for (const token of String(chunk).matchAll(tokens)) this.take(token);
    done();
  }

  cursorTo(column: number): boolean {
    return this.write(`${esc}[${column + 1}G`);
  }

  clearLine(): boolean {
    return this.write(`${esc}[2K`);
  }

  moveCursor(_columns: number, rows: number): boolean {
    return this.write(rows < 0 ? `${esc}[${-rows}A` : `${esc}[${rows}B`);
  }

  private take([text, mode, parameter = "", command]: RegExpExecArray): void {
    if (command === undefined) this.put(text);
    else if (mode !== undefined) this.setMode(parameter, command);
    else this.control(command, parameter === "" ? 1 : Number(parameter.split(";")[0]), parameter);
  }

  private put(text: string): void {
    if (text === "\r") this.column = 0;
    else if (text === "\n") this.goTo(this.row + 1, 0);
    else for (const character of text) this.putCharacter(character);
  }

  private putCharacter(character: string): void {
    if (this.column >= this.columns) this.goTo(this.row + 1, 0);
    const line = this.line();
    while (line.length < this.column) line.push(" ");
    line[this.column] = character;
    this.column += 1;
    this.touch();
  }

  private setMode(parameter: string, command: string): void {
    if (parameter === "25") this.cursorVisible = command === "h";
    // 2026: what is between its on and off appears at once.
    else if (parameter !== "2026") throw new Error(`the screen does not know mode ${parameter}`);
  }

  private control(command: string, count: number, parameter: string): void {
    if (command === "m") return;
    if (command === "A") this.goTo(this.row - count, this.column);
    else if (command === "B") this.goTo(this.row + count, this.column);
    else if (command === "G") this.column = count - 1;
    else if (command === "K") this.eraseLine(parameter);
    else throw new Error(`progress lines have no business with CSI ${parameter}${command}`);
  }

  private eraseLine(parameter: string): void {
    const line = this.line();
    if (parameter === "2") line.length = 0;
    else if (parameter === "" || parameter === "0") line.length = Math.min(line.length, this.column);
    else throw new Error(`the screen does not know CSI ${parameter}K`);
    this.touch();
  }

  private goTo(row: number, column: number): void {
    this.row = Math.max(0, row);
    this.column = column;
    while (this.lines.length <= this.row) this.lines.push([]);
  }

  private line(): string[] {
    const line = this.lines[this.row] ?? [];
    this.lines[this.row] = line;
    return line;
  }

  private touch(): void {
    this.touched[this.row] = (this.touched[this.row] ?? 0) + 1;
  }
}
