import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSecretSources } from "../../../src/adapters/node/secret-sources.ts";
import { resolveAnswers } from "../../../src/domain/answers/resolve.ts";
import { secretReferenceSchema } from "../../../src/domain/answers/secret-reference.ts";
import { registryTarget } from "../../../src/workflow/secrets/registry-target.ts";
import { generateSecret, resolveSecret } from "../../../src/workflow/secrets/resolve-secret.ts";
import { problemOf } from "../../fakes/problem-of.ts";

const signal = new AbortController().signal;
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "secrets-"));
  await writeFile(join(folder, "pw"), "hunter2\n");
  await writeFile(join(folder, "windows"), "hunter2\r\n");
  await writeFile(join(folder, "spaces"), " hunter2 \n\n");
  await writeFile(join(folder, "empty"), "\n");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sources = {
  ...createSecretSources({ PW: "from-env", EMPTY: "" }),
  secret: async (name: string, key: string) => (name === "pull" && key === "password" ? "from-secret" : undefined),
};
const resolve = (reference: Parameters<typeof resolveSecret>[0]) => resolveSecret(reference, "the password", sources, signal);

describe("a reference to a secret", () => {
  test("gives what stands in the file, without the line end that editors add", async () => {
    expect(await resolve({ file: join(folder, "pw") })).toBe("hunter2");
    expect(await resolve({ file: join(folder, "windows") })).toBe("hunter2");
  });

  test("gives everything else in the file as it is", async () => {
    expect(await resolve({ file: join(folder, "spaces") })).toBe(" hunter2 \n");
  });

  test("gives the variable, or the key of the Secret", async () => {
    expect(await resolve({ env: "PW" })).toBe("from-env");
    expect(await resolve({ secret: "pull", key: "password" })).toBe("from-secret");
  });

  test.each([
    [{ file: "/nonexistent/pw" }, "the file /nonexistent/pw does not exist"],
    [{ env: "NOT_SET" }, "the environment variable NOT_SET does not exist"],
    [{ env: "EMPTY" }, "the environment variable EMPTY is empty"],
    [{ secret: "pull", key: "other" }, "the key other of Secret pull does not exist"],
  ])("to a place where there is nothing names the place: %j", async (reference, message) => {
    const problem = await problemOf(() => resolve(reference));
    expect(problem.code).toBe("SECRET_UNAVAILABLE");
    expect(problem.message).toContain(message);
  });

  test("to an empty file or a folder is refused", async () => {
    expect((await problemOf(() => resolve({ file: join(folder, "empty") }))).message).toContain("is empty");
    expect((await problemOf(() => resolve({ file: folder }))).code).toBe("SECRET_UNAVAILABLE");
  });

  test("to a Secret needs a cluster", async () => {
    const { secret: _none, ...without } = sources;
    expect((await problemOf(() => resolveSecret({ secret: "a", key: "b" }, "x", without, signal))).message).toContain(
      "with a cluster at hand",
    );
  });

  test("is never one to something that is made anew at each reading", () => {
    expect(secretReferenceSchema.safeParse({ generate: true }).success).toBe(false);
  });
});

describe("a generated secret", () => {
  test("is another one each time, of 192 bits, in characters that need no quoting", () => {
    const made = new Set(Array.from({ length: 100 }, generateSecret));
    expect(made.size).toBe(100);
    for (const secret of made) expect(secret).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });
});

describe("the registry of the answers", () => {
  const registry = (flags: Record<string, unknown>) =>
    resolveAnswers({ flags: { registry: "r.example:5000/x/y", "ingress-host": "a.example", ...flags }, environment: {} }).registry;

  test("comes with its password and CA read", async () => {
    await writeFile(join(folder, "ca"), "PEM");
    await chmod(join(folder, "ca"), 0o600);
    const given = registry({ "registry-username": "bot", "registry-password-file": join(folder, "pw"), "registry-ca": join(folder, "ca") });
    expect(await registryTarget(given, sources, signal)).toEqual({
      host: "r.example:5000",
      prefix: "x/y",
      plainHttp: false,
      caPem: "PEM",
      credentials: { username: "bot", password: "hunter2" },
    });
  });

  test("needs no credentials, but a CA that is named must be there", async () => {
    expect(await registryTarget(registry({ "plain-http": true }), sources, signal)).toEqual({
      host: "r.example:5000",
      prefix: "x/y",
      plainHttp: true,
    });
    expect((await problemOf(() => registryTarget(registry({ "registry-ca": "/none.pem" }), sources, signal))).code).toBe("FILE_UNREADABLE");
  });
});
