import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureToolchain } from "../sandbox/index.ts";

/** A real registry of go-containerregistry (`crane registry serve`): plain HTTP, nobody logs in, everything in memory. */
export interface CraneRegistry {
  readonly host: string;
  stop(): Promise<void>;
}

/** Milliseconds within which it must say where it serves. */
const startDeadline = 15_000;

/** Starts one on a free port of the loopback interface. @throws Error when crane cannot be had, ends, or does not start in time */
export async function startCraneRegistry(): Promise<CraneRegistry> {
  const { binDir } = await ensureToolchain({ purposes: ["tests"] });
  const child = spawn(join(binDir, "crane"), ["registry", "serve", "--address", "127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  let said = "";
  const port = new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const found = /serving on (?:port )?(?:\S*:)?(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("error", (cause) => reject(new Error("crane cannot be started", { cause })));
    child.once("exit", (code) => reject(new Error(`crane ended with ${String(code)}: ${said}`)));
    AbortSignal.timeout(startDeadline).addEventListener("abort", () => reject(new Error(`crane did not serve in time: ${said}`)));
  });
  try {
    return { host: `localhost:${await port}`, stop };
  } catch (error) {
    if (child.pid !== undefined) await stop();
    throw error;
  }
}
