import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { durationsFile } from "./machine.ts";

/** A step of getting the toolchain that takes long enough to be announced. */
export type StepName = "packages" | "build" | "images";

/** Seconds seen on 2 cores with cold caches, each step by itself, for the first run on a machine. */
const firstEstimates: Readonly<Record<StepName, number>> = { packages: 60, build: 400, images: 60 };

const Durations = z.record(z.string(), z.number());

/** Expected seconds of each step: as long as it took here the last time it was needed. */
const estimates = (): Readonly<Record<StepName, number>> => {
  const known = existsSync(durationsFile) ? Durations.parse(JSON.parse(readFileSync(durationsFile, "utf8"))) : {};
  return { ...firstEstimates, ...known };
};

const remember = (step: StepName, seconds: number): void => {
  mkdirSync(dirname(durationsFile), { recursive: true });
  writeFileSync(durationsFile, JSON.stringify({ ...estimates(), [step]: Math.round(seconds) }, null, 2));
};

/** Minutes and seconds, as `4 min 10 s`. */
const inWords = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
};

/** Tells a person how steps go: lines when a step begins and ends; in between one line that changes, or without a terminal a line now and then. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #left = new Map<StepName, { readonly started: number | undefined; readonly seconds: number; detail: string }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(steps: readonly StepName[], out: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
    for (const step of steps) this.#left.set(step, { started: undefined, seconds: estimates()[step], detail: "" });
  }

  /** Seconds until everything should be there; steps run at the same time count in full, which errs on the long side. */
  secondsLeft(): number {
    return [...this.#left.values()].reduce((sum, { started, seconds }) => {
      const spent = started === undefined ? 0 : (Date.now() - started) / 1000;
      return sum + Math.max(seconds - spent, started === undefined ? 0 : 5);
    }, 0);
  }

  /** Runs one step, telling its beginning, its end and how long it took; its duration is remembered for the next estimate. */
  async step(name: StepName, title: string, work: (detail: (text: string) => void) => Promise<void>): Promise<void> {
    const started = Date.now();
    const state = { started, seconds: this.#left.get(name)?.seconds ?? 0, detail: "" };
    this.#left.set(name, state);
    this.#line(`${title} (about ${inWords(state.seconds)})`);
    this.#timer ??= setInterval(() => this.#tick(), this.#out.isTTY ? 1000 : 20_000);
    try {
      await work((text) => {
        state.detail = text;
      });
      const seconds = (Date.now() - started) / 1000;
      remember(name, seconds);
      this.#line(`${title}: done in ${inWords(seconds)}`);
    } finally {
      this.#left.delete(name);
      if (![...this.#left.values()].some((other) => other.started !== undefined)) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    }
  }

  #tick(): void {
    const details = [...this.#left]
      .filter(([, { started }]) => started !== undefined)
      .map(([name, { detail }]) => (detail ? `${name}: ${detail}` : name));
    const text = `  about ${inWords(this.secondsLeft())} left; ${details.join("; ")}`;
    if (this.#out.isTTY) this.#out.write(`\r\u001b[2K${text.slice(0, (this.#out.columns ?? 80) - 1)}`);
    else this.#out.write(`${text}\n`);
  }

  #line(text: string): void {
    this.#out.write(`${this.#out.isTTY ? "\r\u001b[2K" : ""}${text}\n`);
  }
}
