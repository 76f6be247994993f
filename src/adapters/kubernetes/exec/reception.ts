import { z } from "zod";
import type { ExecEnded } from "../../../ports/pod-exec.ts";
import { parseJson } from "../../parse-json.ts";

/** Channel numbers of the remote command protocol (v4 and v5). */
export const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4 } as const;

/** Bytes of stdout that may wait to be taken; beyond them the connection is held. */
const mostWaiting = 8 * 1024 * 1024;

/** The Status that ends a run: a program's bad exit status stands among the causes. */
const statusSchema = z.object({
  status: z.string(),
  reason: z.string().default(""),
  message: z.string().default(""),
  details: z
    .object({ causes: z.array(z.object({ reason: z.string().default(""), message: z.string().default("") })).default([]) })
    .nullish(),
});

/** A connection that can be held while what it brought is taken. */
interface Held {
  pause(): void;
  resume(): void;
}

/** What a reception needs to know. */
interface ReceptionOptions {
  readonly stdout: (bytes: Buffer) => Promise<void>;
  /** Bytes of stderr that are kept. */
  readonly mostErrors: number;
  /** Makes the error of a run that nobody knows the end of. */
  readonly failed: (message: string) => Error;
}

/** Takes the output of one run, in order and no faster than it is used up, until its status comes. */
export class Reception {
  private readonly options: ReceptionOptions;
  private readonly end = Promise.withResolvers<Omit<ExecEnded, "stdout">>();
  private readonly errors: Buffer[] = [];
  private errorBytes = 0;
  private waiting = 0;
  private taken: Promise<void> = Promise.resolve();
  private over = false;
  /** The connection, once it is open. */
  connection: Held | undefined;

  constructor(options: ReceptionOptions) {
    this.options = options;
    // Whoever opened the socket may have failed before it waits for the end.
    this.end.promise.catch(() => undefined);
  }

  get ended(): Promise<Omit<ExecEnded, "stdout">> {
    return this.end.promise;
  }

  receive(stream: number, data: Buffer): void {
    if (this.over) return;
    if (stream === channel.status) this.finish(data);
    else if (stream === channel.stdout && data.length > 0) this.take(data);
    else if (stream === channel.stderr) this.keepError(data);
  }

  closed(): void {
    this.fail(this.options.failed("the connection was lost before it was known how the program ended"));
  }

  fail(reason: unknown): void {
    if (this.over) return;
    this.over = true;
    this.end.reject(reason);
  }

  private take(data: Buffer): void {
    this.waiting += data.length;
    if (this.waiting > mostWaiting) this.connection?.pause();
    this.taken = this.taken
      .then(() => this.options.stdout(data))
      .then(() => {
        this.waiting -= data.length;
        if (this.waiting <= mostWaiting) this.connection?.resume();
      });
    this.taken.catch((error: unknown) => this.fail(error));
  }

  private keepError(data: Buffer): void {
    this.errorBytes += data.length;
    if (this.errorBytes > this.options.mostErrors) this.fail(this.options.failed(`it printed more than ${this.options.mostErrors} bytes`));
    else this.errors.push(data);
  }

  private finish(data: Buffer): void {
    const parsed = statusSchema.safeParse(parseJson(data.toString("utf8")));
    if (!parsed.success) {
      this.fail(this.options.failed("the API server ended the run with a status that cannot be read"));
      return;
    }
    const { status, reason, message, details } = parsed.data;
    const told = details?.causes.find((cause) => cause.reason === "ExitCode")?.message;
    if (status === "Success") this.resolve(0);
    else if (reason === "NonZeroExitCode" && told !== undefined) this.resolve(Number(told));
    else this.fail(this.options.failed(message));
  }

  private resolve(code: number): void {
    this.over = true;
    // The end counts once everything that came before it was used up.
    this.taken.then(
      () => this.end.resolve({ code, stderr: Buffer.concat(this.errors).toString("utf8") }),
      (error: unknown) => this.end.reject(error),
    );
  }
}
