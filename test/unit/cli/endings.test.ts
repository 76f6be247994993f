import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BaseCommand } from "../../../src/cli/base-command.ts";
import { oclifConfig } from "../../../src/cli/oclif-config.ts";
import { errorSchema } from "../../../src/cli/presenters/error-schema.ts";
import { capturedOf } from "./captured.ts";
import { type SilentCluster, silentCluster } from "./silent-cluster.ts";

const main = join(import.meta.dirname, "../../../src/cli/main.ts");

let silent: SilentCluster;
beforeAll(async () => {
  silent = await silentCluster();
});
afterAll(() => silent.stop());

describe("a command that is told to stop", () => {
  it.each([
    ["SIGINT", "stopped by Ctrl-C"],
    ["SIGTERM", "stopped by SIGTERM"],
    ["SIGHUP", "stopped by SIGHUP (the terminal or connection was lost)"],
  ] as const)("ends as cancelled with 130: %s", async (signal, what) => {
    const child = spawn(process.execPath, [main, "status", "--kubeconfig", silent.kubeconfig, "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    await silent.asked();
    child.kill(signal);
    const [code, killedBy] = await once(child, "close");
    expect([code, killedBy]).toEqual([130, null]);
    expect(errorSchema.parse(JSON.parse(stdout)).error).toMatchObject({ code: "CANCELLED", what, exit: 130 });
  });

  it("leaves no listener behind", async () => {
    const before = process.listenerCount("SIGHUP");
    await capturedOf(() => new Broken([], oclifConfig()).execute());
    expect(process.listenerCount("SIGHUP")).toBe(before);
  });
});

/** A command with a mistake in it. */
class Broken extends BaseCommand {
  static override id = "broken";

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Broken);
    this.globals(flags);
    throw new TypeError("undefined is not what it should be");
  }
}

describe("a mistake of ours", () => {
  const broken = (...argv: string[]) => capturedOf(() => new Broken(argv, oclifConfig()).execute());

  it("is told as such with exit 1, without a stack trace", async () => {
    expect(await broken()).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "error BUG  undefined is not what it should be\n" +
        "  why  This is a mistake in migratectl, not in what you did.\n" +
        "  fix  Run it again with --log-level debug and send the output to the vendor's support.\n",
    });
  });

  it("comes with its stack trace under --log-level debug", async () => {
    expect((await broken("--log-level", "debug")).stderr).toMatch(/^error BUG {2}TypeError: undefined is .*\n\s+at Broken\.run /);
  });

  it("is the document of every error under --json", async () => {
    const { stdout, stderr, code } = await broken("--json");
    expect(errorSchema.parse(JSON.parse(stdout)).error).toMatchObject({ code: "BUG", exit: 1 });
    expect([code, stderr]).toEqual([1, ""]);
  });
});
