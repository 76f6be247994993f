import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { deadline } from "../../../src/cli/deadline.ts";
import { globalFlags } from "../../../src/cli/global-flags.ts";
import { captured } from "./captured.ts";
import { type SilentCluster, silentCluster } from "./silent-cluster.ts";

const folder = mkdtempSync(join(tmpdir(), "migratectl-globals-"));
let silent: SilentCluster;
beforeAll(async () => {
  silent = await silentCluster();
});
afterAll(async () => {
  await silent.stop();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const given = ["--registry", "r.example", "--ingress-host", "a.example"];
const text = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => stdout + stderr;

/** For each global flag a command line that shows which value counts: what is seen for the variable alone, and for the flag over it. */
const table: Readonly<
  Record<
    keyof typeof globalFlags,
    {
      readonly line: () => readonly string[];
      readonly variable: () => string;
      readonly seen: RegExp;
      /** Absent for switches, which a variable can only turn on. */
      readonly over?: { readonly flag: readonly string[]; readonly seen: RegExp };
      readonly unseen?: RegExp;
    }
  >
> = {
  context: {
    line: () => ["status", "--kubeconfig", silent.kubeconfig, "--timeout", "1s"],
    variable: () => "by-variable",
    seen: /CONTEXT_UNKNOWN.*"by-variable"/,
    over: { flag: ["--context", "by-flag"], seen: /CONTEXT_UNKNOWN.*"by-flag"/ },
  },
  namespace: {
    line: () => ["configure", ...given, "--yes", "--dry-run", "--json"],
    variable: () => "by-variable",
    seen: /"namespace": "by-variable"/,
    over: { flag: ["--namespace", "by-flag"], seen: /"namespace": "by-flag"/ },
  },
  kubeconfig: {
    line: () => ["status"],
    variable: () => join(folder, "by-variable"),
    seen: /KUBECONFIG_MISSING.*by-variable/,
    over: { flag: ["--kubeconfig", join(folder, "by-flag")], seen: /KUBECONFIG_MISSING.*by-flag/ },
  },
  answers: {
    line: () => ["status"],
    variable: () => join(folder, "by-variable"),
    seen: /FILE_UNREADABLE.*by-variable/,
    over: { flag: ["--answers", join(folder, "by-flag")], seen: /FILE_UNREADABLE.*by-flag/ },
  },
  yes: {
    line: () => ["configure", ...given, "--dry-run", "--answers", join(folder, "new.yaml")],
    variable: () => "true",
    seen: /host: r\.example/,
    unseen: /there is no terminal/,
  },
  "dry-run": {
    line: () => ["configure", ...given, "--yes", "--answers", join(folder, "dry.yaml"), "--json"],
    variable: () => "1",
    seen: /"outcome": "dry-run"/,
  },
  json: { line: () => ["status", "--nonsense"], variable: () => "yes", seen: /^\{\n {2}"error": \{/ },
  "log-level": {
    line: () => ["status", "--kubeconfig", join(folder, "none")],
    variable: () => "debug",
    seen: / {2}at {3}kubeconfigPaths /,
    over: { flag: ["--log-level", "info"], seen: /KUBECONFIG_MISSING(?!.*\bat .*:\d+:\d+)/s },
  },
  "no-color": { line: () => ["status", "--nonsense"], variable: () => "true", seen: /^error USAGE/ },
  timeout: {
    line: () => ["status", "--kubeconfig", silent.kubeconfig],
    variable: () => "1s",
    seen: /DEADLINE.*--timeout of 1 s has passed/,
    over: { flag: ["--timeout", "2s"], seen: /DEADLINE.*--timeout of 2 s has passed/ },
  },
};

describe("the global flags", () => {
  it.each(Object.entries(table))(
    "can be set by their variable, which a flag overrides: --%s",
    async (name, { line, variable, seen, over, unseen }) => {
      const { env } = globalFlags[name as keyof typeof globalFlags];
      expect(env).toBe(`MIGRATECTL_${name.toUpperCase().replaceAll("-", "_")}`);
      const byVariable = await onTerminal(() => captured(line(), { NO_COLOR: "", [String(env)]: variable() }));
      expect(text(byVariable)).toMatch(seen);
      // Without its --timeout that command waits for a cluster that never answers.
      if (name !== "timeout") expect(text(await onTerminal(() => captured(line(), { NO_COLOR: "" })))).not.toMatch(seen);
      if (unseen !== undefined) expect(text(byVariable)).not.toMatch(unseen);
      if (over !== undefined) expect(text(await captured([...line(), ...over.flag], { [String(env)]: variable() }))).toMatch(over.seen);
    },
  );

  it("count for a command line that cannot be parsed, too", async () => {
    const line = ["status", "--nonsense"];
    expect((await captured(line, { MIGRATECTL_LOG_LEVEL: "debug" })).stderr).toMatch(/\n {2}at {3}\S/);
    expect((await captured([...line, "--log-level", "debug"])).stderr).toMatch(/\n {2}at {3}\S/);
    expect((await captured([...line, "--log-level=info"], { MIGRATECTL_LOG_LEVEL: "debug" })).stderr).not.toMatch(/\n {2}at /);
  });

  it("stand before the command as well as after it", async () => {
    const path = join(folder, "before");
    for (const line of [
      ["--kubeconfig", path, "status"],
      [`--kubeconfig=${path}`, "--json", "status"],
      ["status", "--kubeconfig", path],
      ["-n", "x", "--kubeconfig", path, "status"],
    ])
      expect(text(await captured(line))).toMatch(/KUBECONFIG_MISSING.*before/s);
  });

  it("come from the flag, else the variable, else the answers file", async () => {
    const answers = file(
      "order.yaml",
      "version: migratectl/v2\nrelease: { namespace: by-file }\nregistry: { host: r.example }\ningress: { host: a.example }\n",
    );
    const line = ["configure", "--answers", answers, "--yes", "--dry-run", "--json"];
    const namespace = async (flags: readonly string[], env: Readonly<Record<string, string>>) =>
      /"namespace": "([^"]*)"/.exec((await captured([...line, ...flags], env)).stdout)?.[1];
    const env = { MIGRATECTL_NAMESPACE: "by-variable" };
    expect(await namespace(["--namespace", "by-flag"], env)).toBe("by-flag");
    expect(await namespace([], env)).toBe("by-variable");
    expect(await namespace([], {})).toBe("by-file");
  });

  it("let configure under MIGRATECTL_DRY_RUN write nothing", async () => {
    await captured(["configure", ...given, "--yes", "--answers", join(folder, "unwritten.yaml")], { MIGRATECTL_DRY_RUN: "1" });
    expect(readdirSync(folder)).not.toContain("unwritten.yaml");
  });
});

/** Lets both streams look like a terminal that shows colours, while nothing can be asked on it. */
async function onTerminal<T>(action: () => Promise<T>): Promise<T> {
  const before = [process.stdout.isTTY, process.stderr.isTTY] as const;
  vi.stubEnv("TERM", "xterm");
  [process.stdout.isTTY, process.stderr.isTTY] = [true, true];
  try {
    return await action();
  } finally {
    [process.stdout.isTTY, process.stderr.isTTY] = before;
  }
}

describe("--timeout", () => {
  it("is a deadline however long it is: longer than one timer of Node can wait, too", () => {
    vi.useFakeTimers();
    try {
      const days = 60;
      const signal = deadline(days * 86_400_000);
      vi.advanceTimersByTime((days - 1) * 86_400_000);
      expect(signal.aborted).toBe(false);
      vi.advanceTimersByTime(86_400_000);
      expect(signal.reason).toMatchObject({ code: "DEADLINE", message: "--timeout of 5184000 s has passed" });
    } finally {
      vi.useRealTimers();
    }
  });
});
