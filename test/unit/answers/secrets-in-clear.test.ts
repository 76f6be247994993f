import { describe, expect, test } from "vitest";
import { problemJson, problemText } from "../../../src/cli/presenters/problem.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import { resolveAnswers } from "../../../src/domain/answers/resolve.ts";
import { problemOf } from "../../fakes/problem-of.ts";

const secret = "hunter2-Sup3rSecret";
const base = "version: migratectl/v2\nregistry:\n  host: r.example\n";

/** Everything a person, a log or --json could show of the error. */
async function shown(text: string) {
  const problem = await problemOf(() =>
    resolveAnswers({ flags: { "ingress-host": "a.example" }, environment: {}, file: { path: "m.yaml", text } }),
  );
  return { code: problem.code, output: problemText(problem, createStyle(false), true) + JSON.stringify(problemJson(problem)) };
}

describe("a secret that stands in the answers in clear", () => {
  test.each([
    `${base}  password: ${secret}\n`,
    `${base}  passwd: ${secret}\n`,
    `${base}llm:\n  apiKey: ${secret}\n`,
    `${base}values:\n  backend:\n    clientSecret: ${secret}\n`,
    `${base}values:\n  list:\n    - { token: "${secret}" }\n`,
    `${base}values:\n  note: |\n    -----BEGIN RSA PRIVATE KEY-----\n    ${secret}\n`,
    `${base}llm: { baseUrl: "https://bot:${secret}@llm.example" }\n`,
  ])("is refused with its place and without the value: %j", async (text) => {
    const { code, output } = await shown(text);
    expect(code).toBe("ANSWERS_SECRET_IN_CLEAR");
    expect(output).toMatch(/m\.yaml:\d+/);
    expect(output).not.toContain(secret);
  });

  test("is refused in --set too", async () => {
    const problem = await problemOf(() =>
      resolveAnswers({ flags: { registry: "r.example", "ingress-host": "a.example", set: [`x.password=${secret}`] }, environment: {} }),
    );
    expect(problem.code).toBe("ANSWERS_SECRET_IN_CLEAR");
    expect(problem.message).not.toContain(secret);
  });

  test.each([
    `${base}  password: *${secret}\n`,
    `${base}  password: !${secret} x\n`,
    `${base}  password: "${secret}\n`,
    `${base}  password: { ${secret}: 1, ${secret}: 2 }\n`,
    `${base}  password: [${secret}]\n`,
    `${base}  host: "bot:${secret}@r.example"\n`,
    `${base}  username: [${secret}]\n`,
    `${base}${secret} : : :\n  - x`,
  ])("is not shown by any other mistake in its place either: %j", async (text) => {
    expect((await shown(text)).output).not.toContain(secret);
  });

  test.each([
    "values: { ingress: { tls: { secretName: my-tls } } }\n",
    "values: { existingSecret: name, automountServiceAccountToken: false }\n",
    "values: { secrets: { names: { postgres: pg } } }\n",
  ])("is not seen in names of Secrets: %j", (text) => {
    expect(() =>
      resolveAnswers({ flags: { "ingress-host": "a.example" }, environment: {}, file: { path: "m.yaml", text: base + text } }),
    ).not.toThrow();
  });
});
