import { type ChildProcess, spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

/** Keys as a terminal sends them. */
export const keys = { enter: "\r", down: "\u001b[B", ctrlC: "\u0003", clearLine: "\u0015" } as const;

/** Milliseconds a program gets to show what is waited for. */
const patience = 60_000;

/** A program on a pseudo-terminal (util-linux `script`): what it shows can be waited for, and keys can be pressed. */
export class Terminal {
  private readonly child: ChildProcess;
  private readonly ended: Promise<number>;
  private shown = "";
  /** How much of what was shown has been waited for already. */
  private seen = 0;
  private wake: () => void = () => {};

  constructor(argv: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }) {
    const quoted = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    this.child = spawn("script", ["-q", "-e", "-f", "-c", `stty cols 200; exec ${quoted}`, "/dev/null"], {
      ...options,
      env: { ...options.env, TERM: "xterm" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.shown += text;
      this.wake();
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (code) => {
        resolve(code ?? -1);
        this.wake();
      });
    });
  }

  /** Everything shown so far, without colours and cursor movements. */
  get screen(): string {
    return stripVTControlCharacters(this.shown);
  }

  /** Waits until something new matches, then presses the keys. @throws Error with the screen when it does not come */
  async answer(question: RegExp, ...pressed: readonly string[]): Promise<void> {
    const deadline = Date.now() + patience;
    for (;;) {
      const match = question.exec(this.screen.slice(this.seen));
      if (match !== null) {
        this.seen += match.index + match[0].length;
        break;
      }
      if (Date.now() > deadline || this.child.exitCode !== null)
        throw new Error(`waited for ${question}; the screen shows:\n${this.screen.slice(this.seen)}`);
      await this.change(deadline);
    }
    for (const key of pressed) this.child.stdin?.write(key);
  }

  /** Exit status of the program. */
  async end(): Promise<number> {
    return this.ended;
  }

  private change(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, deadline - Date.now()));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
