import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { DaemonState } from "../document.ts";
import type { Layout } from "../layout.ts";

/** A process that has to be there for as long as the sandbox is. */
export type Daemon = {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
};

/** Starts daemons, writes their output to a log each, and starts again, after a pause and with a line in the log, those that die. */
export class Supervisor {
  readonly #layout: Layout;
  readonly #states = new Map<string, DaemonState>();
  readonly #log: number;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#log = openSync(join(layout.logs, "supervisor.log"), "a");
  }

  /** Appends a line to the supervisor's own log. */
  note(line: string): void {
    writeSync(this.#log, `${new Date().toISOString()} ${line}\n`);
  }

  /** Starts a daemon and gives its process; it is restarted for as long as the sandbox lives. */
  start(daemon: Daemon, restarts = 0): ChildProcess {
    const log = join(this.#layout.logs, `${daemon.name}.log`);
    const output = openSync(log, "a");
    const [file, ...args] = daemon.argv;
    const started = Date.now();
    const child = spawn(file, args, {
      stdio: ["ignore", output, output],
      env: { ...process.env, ...daemon.env },
    });
    closeSync(output);
    this.#set({ name: daemon.name, state: "running", restarts, log });
    const again = (why: string): void => {
      // A daemon that ran for a while is started at once; one that keeps dying gets a second between its starts.
      const pauseMs = Date.now() - started > 10_000 ? 0 : 1000;
      this.note(`${daemon.name} ${why}, started again in ${pauseMs} ms (restart ${restarts + 1}); see ${log}`);
      this.#set({ name: daemon.name, state: "restarting", restarts: restarts + 1, log });
      setTimeout(() => this.start(daemon, restarts + 1), pauseMs);
    };
    child.once("error", (error) => again(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => again(signal ? `was ended by ${signal}` : `ended with ${code}`));
    return child;
  }

  #set(state: DaemonState): void {
    this.#states.set(state.name, state);
    const temporary = `${this.#layout.daemons}.new`;
    writeFileSync(temporary, JSON.stringify([...this.#states.values()], null, 2));
    renameSync(temporary, this.#layout.daemons);
  }
}
