import { describe, expect, test } from "vitest";
import { changesText, configurePresenter } from "../../../src/cli/presenters/configure.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import { answer } from "../../../src/domain/answers/draft.ts";
import { valueAt } from "../../../src/domain/answers/tree.ts";
import { type ConfigurePorts, configure } from "../../../src/workflow/configure/configure.ts";
import { MemoryWorkFolder } from "../../fakes/memory-work-folder.ts";
import { problemOf } from "../../fakes/problem-of.ts";

const signal = new AbortController().signal;
const flags = { registry: "r.example", "ingress-host": "a.example" };

function run({
  given = flags as Record<string, unknown>,
  text,
  dryRun = false,
  ports = {},
}: {
  given?: Record<string, unknown>;
  text?: string | undefined;
  dryRun?: boolean;
  ports?: Partial<ConfigurePorts>;
} = {}) {
  const folder = new MemoryWorkFolder();
  const sources = { flags: given, environment: {}, file: text === undefined ? undefined : { path: "m.yaml", text } };
  const result = configure(
    { sources, path: "m.yaml", dryRun },
    { ask: async (draft) => draft, confirm: async () => "write", folder, ...ports },
    signal,
  );
  return { folder, result };
}

describe("configure", () => {
  test("writes the answers and what a reader of the file looks for", async () => {
    const { folder, result } = run();
    const { outcome, changes } = await result;
    expect(outcome).toBe("written");
    expect(changes).toContainEqual({ answer: "registry.host", to: "r.example" });
    for (const line of ["version: migratectl/v2", "  namespace: migrate-platform", "profile: small", "  host: r.example"])
      expect(folder.files.get("m.yaml")).toContain(line);
  });

  test("writes what the person answered", async () => {
    const { folder, result } = run({
      given: { registry: "r.example" },
      ports: { ask: async (draft) => answer(draft, "ingress.host", "asked.example") },
    });
    await result;
    expect(folder.files.get("m.yaml")).toContain("host: asked.example");
  });

  test("run again with nothing new writes nothing and says so", async () => {
    const first = run();
    await first.result;
    const again = run({ given: {}, text: first.folder.files.get("m.yaml") });
    expect((await again.result).outcome).toBe("unchanged");
    expect(again.folder.files.size).toBe(0);
  });

  test("tells what changed from what, and what was taken away", async () => {
    const { result } = run({
      given: { ...flags, registry: "new.example", tls: "self-signed" },
      text: "version: migratectl/v2\nregistry: { host: old.example }\ningress: { tls: { mode: secret, secretName: x } }\n",
    });
    const { changes } = await result;
    expect(changes).toContainEqual({ answer: "registry.host", from: "old.example", to: "new.example" });
    expect(changes).toContainEqual({ answer: "ingress.tls.secretName", from: "x" });
    expect(changesText(changes, createStyle(false))).toMatch(/registry\.host +new\.example +was old\.example/);
  });

  test("tells in words where a secret is", () => {
    const references = [{ file: "pw" }, { env: "PW" }, { secret: "pull", key: "password" }];
    const text = changesText(
      references.map((to) => ({ answer: "registry.password", to })),
      createStyle(false),
    );
    expect(text.split("\n").map((line) => line.replace(/^ +registry.password +/, ""))).toEqual([
      "in the file pw",
      "in the variable PW",
      "in the key password of Secret pull",
    ]);
  });

  test("writes nothing when the person declines, and ends as cancelled", async () => {
    const { folder, result } = run({ ports: { confirm: async () => "leave" } });
    expect(configurePresenter.exit?.(await result)).toBe("cancelled");
    expect(folder.files.size).toBe(0);
  });

  test("asks everything again, starting from the answers just given, when the person wants to", async () => {
    const decisions = ["again", "write"] as const;
    const hosts: unknown[] = [];
    const { folder, result } = run({
      given: { registry: "r.example" },
      ports: {
        ask: async (draft) => {
          hosts.push(valueAt(draft.tree, ["ingress", "host"]));
          return answer(draft, "ingress.host", `asked-${hosts.length}.example`);
        },
        confirm: async () => decisions[hosts.length - 1] ?? "leave",
      },
    });
    expect((await result).outcome).toBe("written");
    expect(hosts).toEqual([undefined, "asked-1.example"]);
    expect(folder.files.get("m.yaml")).toContain("host: asked-2.example");
  });

  test("in a dry run prints the file and writes nothing", async () => {
    const { folder, result } = run({ dryRun: true });
    expect(configurePresenter.text(await result, createStyle(false))).toContain("host: r.example");
    expect(folder.files.size).toBe(0);
  });

  test("never writes an incomplete file", async () => {
    const { folder, result } = run({ given: {} });
    expect((await problemOf(() => result)).code).toBe("ANSWERS_MISSING");
    expect(folder.files.size).toBe(0);
  });

  test("gives one JSON document that fits its schema, without the file's text", async () => {
    const document = configurePresenter.json(await run().result);
    expect(configurePresenter.schema.safeParse(document).success).toBe(true);
    expect(JSON.stringify(document)).not.toContain("# size of");
  });
});
