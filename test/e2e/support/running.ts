import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { insideArgv, insideEnv } from "../../sandbox/index.ts";
import { cli, type E2eSite, type Ended } from "./site.ts";

/** A migratectl that runs in the sandbox and can be watched and killed; its pid is the CLI's own. */
export class Running {
  private readonly child: ChildProcess;
  private stdout = "";
  private stderr = "";
  private readonly ended: Promise<Ended>;

  constructor(site: E2eSite, args: readonly string[]) {
    const [file, ...rest] = insideArgv(site.sandbox, [process.execPath, cli, ...args]);
    this.child = spawn(file, rest, {
      env: { ...insideEnv(site.sandbox), XDG_STATE_HOME: join(site.scratch, "state") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (code) => resolve({ code: code ?? -1, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Titles of the actions that have started so far (plain progress lines). */
  get started(): readonly string[] {
    return [...this.stderr.matchAll(/^\.\.\. (.+)$/gm)].map(([, title]) => title ?? "");
  }

  /** Resolves true when `n` actions have started, false when the process ended before. */
  async reaches(n: number): Promise<boolean> {
    let over = false;
    void this.ended.then(() => (over = true));
    while (!over && this.started.length < n) await new Promise((resolve) => setTimeout(resolve, 20));
    return this.started.length >= n;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** How it ended. */
  end(): Promise<Ended> {
    return this.ended;
  }
}
