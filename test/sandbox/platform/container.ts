import type { ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "./command.ts";

/** A running container of the laboratory. */
export class Container {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #root: string;
  readonly #stopSignal: string;
  #output = "";
  readonly ended: Promise<number>;

  constructor(name: string, child: ChildProcess, root: string, stopSignal: string) {
    this.name = name;
    this.#child = child;
    this.#root = root;
    this.#stopSignal = stopSignal;
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    this.ended = new Promise((resolve) => child.on("close", (status) => resolve(status ?? -1)));
  }

  /** Its exit status, or undefined while it runs. */
  get status(): number | undefined {
    return this.#child.exitCode ?? undefined;
  }

  /** Everything it wrote so far, stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  /** What a program in the container prints. Throws CommandFailed on a bad status. */
  exec(...argv: readonly string[]): Promise<string> {
    return run(this.command(...argv));
  }

  /** What runs a program in the container, as a command of this machine. */
  command(...argv: readonly string[]): readonly string[] {
    return ["runc", "--root", this.#root, "exec", this.name, ...argv];
  }

  /** Ends it as the kubelet would, and returns its exit status. Throws when it has not ended after `seconds`. */
  async stop(seconds = 30): Promise<number> {
    await this.signal(this.#stopSignal);
    const late = new AbortController();
    const deadline = pause(seconds * 1000, undefined, { signal: late.signal }).then(() => {
      throw new Error(`${this.name} did not end within ${seconds} s of ${this.#stopSignal}`);
    });
    return Promise.race([this.ended, deadline]).finally(() => {
      late.abort();
      deadline.catch(() => undefined);
    });
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.signal("SIGKILL");
    await this.ended;
  }

  /** Sends a signal to its first process; one that has ended is left alone. */
  async signal(name: string): Promise<void> {
    if (this.#child.exitCode === null) await run(["runc", "--root", this.#root, "kill", this.name, name]).catch(() => undefined);
  }
}
