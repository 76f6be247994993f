import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Journal, journalSchema } from "../../src/domain/plan/journal.ts";
import { type Plan, planSchema } from "../../src/domain/plan/plan.ts";
import { cli, type E2eSite } from "../e2e/support/site.ts";
import { insideArgv, insideEnv } from "../sandbox/index.ts";
import type { Strike } from "./rounds.ts";

/** Folders of one round, by whose names its processes and files are found again. */
export interface Folders {
  /** XDG_STATE_HOME */
  readonly state: string;
  /** TMPDIR */
  readonly temporary: string;
  /** Where Node keeps what it has compiled, which it would otherwise do in TMPDIR. */
  readonly compiled: string;
}

/** The environment that makes a command use the folders. */
export function environmentOf({ state, temporary, compiled }: Folders): Readonly<Record<string, string>> {
  return { XDG_STATE_HOME: state, TMPDIR: temporary, NODE_COMPILE_CACHE: compiled };
}

/** How a process ended and what it wrote; code is null when a signal ended it. */
export interface EndedRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds between two looks at the run directory. */
const glance = 2;

/** Milliseconds in which what an ended process has written is read, where its pipes are not closed before. */
const lastWords = 500;

/** Milliseconds that any one command gets. */
const longest = 300_000;

/** A migratectl in the sandbox, leader of a process group of its own, whose run directory and progress are watched while it works. */
export class WatchedRun {
  private readonly child: ChildProcess;
  private readonly runs: string;
  private readonly earlier: ReadonlySet<string>;
  private readonly ended: Promise<EndedRun>;
  private over = false;
  private stdout = "";
  private stderr = "";

  /** `elsewhere`: in a process table of its own, so that it can tell nothing about processes of earlier runs. */
  constructor(site: E2eSite, folders: Folders, args: readonly string[], { elsewhere = false } = {}) {
    this.runs = join(folders.state, "migratectl", "runs");
    this.earlier = new Set(this.folders());
    const inside = insideArgv(site.sandbox, [process.execPath, cli, ...args]);
    const [file, ...rest] = elsewhere ? (["unshare", "--pid", "--fork", "--kill-child", ...inside] as const) : inside;
    this.child = spawn(file, rest, {
      detached: true,
      env: { ...insideEnv(site.sandbox), ...environmentOf(folders) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("exit", () => (this.over = true));
      // An orphan of the process may hold the pipes open for long: its end is not waited for.
      this.child.once("exit", (code) => setTimeout(() => resolve({ code, stdout: this.stdout, stderr: this.stderr }), lastWords));
      this.child.once("close", (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** What has been told on stderr so far. */
  get told(): string {
    return this.stderr;
  }

  /** Folder of the run; undefined until it is made, just before the first action. */
  get folder(): string | undefined {
    const [own] = this.folders().filter((name) => !this.earlier.has(name));
    return own === undefined ? undefined : join(this.runs, own);
  }

  /** The plan that it carries out. */
  plan(): Plan | undefined {
    return this.read("plan.json", planSchema.parse);
  }

  /** The journal as the run directory mirrors it. */
  journal(): Journal | undefined {
    return this.read("journal.json", journalSchema.parse);
  }

  /** Waits until it is so, or the process has ended; tells which. @throws Error when neither comes */
  async until(isSo: () => boolean, milliseconds = longest): Promise<"so" | "ended"> {
    const deadline = Date.now() + milliseconds;
    while (!isSo()) {
      if (this.over) return "ended";
      if (Date.now() > deadline) throw new Error(`neither came nor ended within ${milliseconds / 1000} s:\n${this.stderr.slice(-2000)}`);
      await pause(glance);
    }
    return "so";
  }

  /** Lets it work for that many milliseconds, or until it ends. */
  async within(milliseconds: number): Promise<"over" | "ended"> {
    const end = performance.now() + milliseconds;
    return (await this.until(() => performance.now() >= end)) === "so" ? "over" : "ended";
  }

  /** Sends the signal to the process, or to its whole group; nothing happens when it has ended. */
  send(signal: Strike["signal"], reach: Strike["reach"]): void {
    const { pid } = this.child;
    if (pid === undefined || this.over) return;
    process.kill(reach === "group" ? -pid : pid, `SIG${signal}`);
  }

  /** How it ended; it is killed when it does not within so many milliseconds. */
  async end(milliseconds = longest): Promise<EndedRun> {
    const timer = setTimeout(() => this.send("KILL", "group"), milliseconds);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  private folders(): readonly string[] {
    return existsSync(this.runs) ? readdirSync(this.runs) : [];
  }

  private read<T>(name: string, parse: (value: unknown) => T): T | undefined {
    const folder = this.folder;
    if (folder === undefined || !existsSync(join(folder, name))) return undefined;
    return parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
  }
}
