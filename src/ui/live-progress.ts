import { DefaultRenderer, Listr, ListrLogger, ListrPromptAdapter, ListrTaskEventType, type ListrTaskWrapper, ProcessOutput } from "listr2";
import ora, { type Ora } from "ora";
import { assertNever } from "../domain/assert-never.ts";
import type { ProgressEvent } from "../ports/progress.ts";
import { advanceText } from "./advance-text.ts";

/** listr2 looks at stdout alone, which may be a file: whether there is a terminal is our caller's to know, and what it shows goes to our stream. */
class TerminalRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

type Wrapper = Pick<ListrTaskWrapper<unknown, never, never>, "title" | "output" | "prompt">;

/** A question within the list: listr2 draws what the question writes below the action that runs. */
class Question extends ListrPromptAdapter {
  async run<T>(question: (output: NodeJS.WritableStream) => Promise<T>): Promise<T> {
    this.reportStarted();
    try {
      const answer = await question(this.wrapper.stdout(ListrTaskEventType.PROMPT));
      this.reportCompleted();
      return answer;
    } catch (error) {
      this.reportFailed();
      throw error;
    }
  }
}

/** A planned action on the screen: listr2 runs it, we end it. What is told before listr2 has begun it is shown when it does. */
interface Line {
  /** As planned. */
  readonly title: string;
  /** As shown: with a note once there is one. */
  head: string;
  /** Lines under the head while it runs. */
  body: string | undefined;
  started: number;
  wrapper: Wrapper | undefined;
  readonly ended: PromiseWithResolvers<void>;
}

/** Progress for a terminal: a listr2 list once a plan is told, a spinner for what runs outside of one. */
export class LiveProgress {
  private readonly stream: NodeJS.WriteStream;
  private readonly lines = new Map<string, Line>();
  private readonly notes: string[] = [];
  private list: Promise<unknown> | undefined;
  private spinner: { readonly id: string; readonly title: string; readonly started: number; readonly ora: Ora } | undefined;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.stream = stream;
  }

  tell(event: ProgressEvent): void {
    switch (event.kind) {
      case "planned":
        this.showPlan(event.actions);
        return;
      case "started":
        this.start(event.id, event.title);
        return;
      case "advanced":
        this.show(event.id, (started) => advanceText(event.advance, started, Date.now()));
        return;
      case "view":
        this.show(event.id, () => event.lines.join("\n"));
        return;
      case "done":
        this.end(event.id, event.note === undefined ? "" : event.note);
        return;
      case "skipped":
        this.skip(event.id, event.title, event.reason);
        return;
      case "failed":
        this.fail(event.id, event.what);
        return;
      case "note":
        this.note(event.text);
        return;
      default:
        assertNever(event);
    }
  }

  /** Has a person asked while actions run; `question` writes to the stream that it is given. */
  async ask<T>(question: (output: NodeJS.WritableStream) => Promise<T>): Promise<T> {
    const running = [...this.lines.values()].findLast(({ wrapper }) => wrapper !== undefined)?.wrapper;
    return await (running === undefined ? question(this.stream) : running.prompt(Question).run(question));
  }

  /** Resolves when everything shown is final; what never ran stays on the screen as waiting. */
  async finish(): Promise<void> {
    this.spinner?.ora.stop();
    this.spinner = undefined;
    for (const line of this.lines.values()) line.ended.reject(new Error("not run"));
    await this.list;
    for (const text of this.notes.splice(0)) this.stream.write(`${text}\n`);
  }

  private showPlan(actions: readonly { readonly id: string; readonly title: string }[]): void {
    const untold = { body: undefined, wrapper: undefined, started: Date.now() };
    for (const { id, title } of actions) this.lines.set(id, { ...untold, title, head: title, ended: Promise.withResolvers() });
    const output = new ProcessOutput(this.stream, this.stream);
    const list = new Listr(
      [...this.lines.values()].map((line) => ({
        title: line.title,
        task: async (_context: unknown, wrapper: Wrapper) => {
          line.wrapper = wrapper;
          paint(line);
          await line.ended.promise;
        },
        rendererOptions: { outputBar: 1 },
      })),
      {
        renderer: TerminalRenderer,
        concurrent: false,
        exitOnError: true,
        registerSignalListeners: false,
        rendererOptions: {
          logger: new ListrLogger({ useIcons: true, processOutput: output }),
          showErrorMessage: false,
          collapseErrors: false,
        },
      },
    );
    this.list = list.run().catch(() => undefined);
    for (const line of this.lines.values()) line.ended.promise.catch(() => undefined);
  }

  private start(id: string, title: string): void {
    const line = this.lines.get(id);
    if (line !== undefined) line.started = Date.now();
    else
      this.spinner = {
        id,
        title,
        started: Date.now(),
        ora: ora({ isEnabled: true, text: title, stream: this.stream, discardStdin: false }).start(),
      };
  }

  private show(id: string, text: (started: number) => string): void {
    const line = this.lines.get(id);
    if (line !== undefined) {
      line.body = text(line.started);
      paint(line);
    }
    if (this.spinner?.id === id) this.spinner.ora.text = `${this.spinner.title}  ${text(this.spinner.started)}`;
  }

  private end(id: string, note: string): void {
    const line = this.lines.get(id);
    if (line !== undefined) endLine(line, withNote(line.title, note));
    if (this.spinner?.id === id) {
      this.spinner.ora.succeed(withNote(this.spinner.title, note));
      this.spinner = undefined;
    }
  }

  private skip(id: string, title: string, reason: string): void {
    const line = this.lines.get(id);
    if (line !== undefined) endLine(line, withNote(title, reason));
  }

  private fail(id: string, what: string): void {
    this.lines.get(id)?.ended.reject(new Error(what));
    if (this.spinner?.id === id) {
      this.spinner.ora.fail();
      this.spinner = undefined;
    }
  }

  /** Under a list or a spinner a note waits for the end: a line written between their frames would tear them. */
  private note(text: string): void {
    if (this.list === undefined && this.spinner === undefined) this.stream.write(`${text}\n`);
    else this.notes.push(text);
  }
}

function paint({ wrapper, head, body }: Line): void {
  if (wrapper === undefined) return;
  wrapper.title = head;
  if (body !== undefined) wrapper.output = body;
}

function endLine(line: Line, head: string): void {
  line.head = head;
  paint(line);
  line.ended.resolve();
}

function withNote(title: string, note: string): string {
  return note === "" ? title : `${title}  (${note})`;
}
