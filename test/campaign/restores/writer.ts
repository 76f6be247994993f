import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { E2eSite } from "../../e2e/support/site.ts";
import { insideArgv, insideEnv } from "../../sandbox/index.ts";
import { until } from "../../sandbox/until.ts";
import type { WrittenRow } from "./ledger.ts";

const lineSchema = z.object({ number: z.int(), sentAt: z.number(), acknowledgedAt: z.number().optional() });

/** Milliseconds between two requests. */
const pace = 40;

/** A client that writes numbered rows through the platform's API, also while it is restored. */
export class Writer {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private rows: WrittenRow[] = [];
  private errors = "";

  constructor(site: E2eSite, caFile: string) {
    const host = site.sandbox.ingress?.host ?? "";
    const program = join(import.meta.dirname, "write-rows.ts");
    const [file, ...args] = insideArgv(site.sandbox, [process.execPath, program, host, caFile, "1", String(pace)]);
    this.child = spawn(file, args, { env: insideEnv(site.sandbox), stdio: ["ignore", "pipe", "pipe"] });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.errors += text));
    if (this.child.stdout !== null) {
      createInterface({ input: this.child.stdout }).on("line", (line) => {
        const { acknowledgedAt, ...row } = lineSchema.parse(JSON.parse(line));
        this.rows.push({ ...row, acknowledgedAt });
      });
    }
    this.ended = new Promise((resolve) => this.child.once("close", () => resolve()));
  }

  /** Takes the rows that were told since the last call. */
  take(): readonly WrittenRow[] {
    const { rows } = this;
    this.rows = [];
    return rows;
  }

  /** Waits until that many more rows were acknowledged. @throws Error when they are not within two minutes, or the writer has ended */
  async acknowledged(count: number): Promise<void> {
    const done = () => this.rows.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).length;
    const wanted = done() + count;
    await until(`${count} acknowledged rows`, () => this.alive() && (done() >= wanted ? true : undefined), { deadlineMs: 120_000 });
  }

  /** Ends it. */
  async end(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  private alive(): true {
    if (this.child.exitCode !== null) throw new Error(`the writer has ended with ${this.child.exitCode}: ${this.errors}`);
    return true;
  }
}
