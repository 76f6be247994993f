import { describe, expect, test } from "vitest";
import { resolveAnswers } from "../../../src/domain/answers/resolve.ts";
import { problemOf } from "../../fakes/problem-of.ts";

const minimal = { registry: "registry.client.example", "ingress-host": "migrate.client.example" };
const file = (text: string) => ({ path: "migratectl.yaml", text: `version: migratectl/v2\n${text}` });
const resolve = (flags: Record<string, unknown>, environment: Record<string, string> = {}, text?: string) =>
  resolveAnswers({ flags, environment, file: text === undefined ? undefined : file(text) });

describe("where an answer comes from", () => {
  const text = "profile: standard\nregistry: { host: file.example }\ningress: { host: file.example }\n";

  test("a flag wins over the environment, the environment over the file, the file over the default", () => {
    const environment = { MIGRATECTL_PROFILE: "large", MIGRATECTL_REGISTRY: "env.example" };
    const answers = resolve({ profile: "trial" }, environment, text);
    expect(answers.profile).toBe("trial");
    expect(answers.registry.host).toBe("env.example");
    expect(answers.ingress.host).toBe("file.example");
    expect(answers.release.namespace).toBe("migrate-platform");
  });

  test("an environment variable that is set to nothing counts as not set", () => {
    expect(resolve({}, { MIGRATECTL_PROFILE: "" }, text).profile).toBe("standard");
  });

  test("flags that are no answers are left alone", () => {
    expect(resolve({ ...minimal, out: "x", json: true }).profile).toBe("small");
  });

  test("a boolean, a number and a list are read from the environment's text", () => {
    const answers = resolve(minimal, {
      MIGRATECTL_NETWORK_POLICIES: "no",
      MIGRATECTL_POSTGRES_REPLICAS: "2",
      MIGRATECTL_LLM_EGRESS_CIDR: "203.0.113.0/24, 2001:db8::/32",
    });
    expect(answers.features.networkPolicies).toBe(false);
    expect(answers.postgres.replicas).toBe(2);
    expect(answers.llm.egressCidrs).toEqual(["203.0.113.0/24", "2001:db8::/32"]);
  });

  test("a password in the environment becomes a reference to the variable, never its value", () => {
    const answers = resolve({ ...minimal, "registry-username": "bot" }, { MIGRATECTL_REGISTRY_PASSWORD: "hunter2" });
    expect(answers.registry.password).toEqual({ env: "MIGRATECTL_REGISTRY_PASSWORD" });
  });

  test("a password file given as a flag wins over a password in the environment", () => {
    const answers = resolve(
      { ...minimal, "registry-username": "bot", "registry-password-file": "/run/pw" },
      { MIGRATECTL_REGISTRY_PASSWORD: "hunter2" },
    );
    expect(answers.registry.password).toEqual({ file: "/run/pw" });
  });

  test("--set lays chart values over those of the file, key by key", () => {
    const answers = resolve(
      { set: ["worker.concurrency=4", 'labels.team\\.example="3"'] },
      {},
      `${text}values: { worker: { concurrency: 2, queueKey: q } }\n`,
    );
    expect(answers.values).toEqual({ worker: { concurrency: 4, queueKey: "q" }, labels: { "team.example": "3" } });
  });

  test("a certificate file alone says that the certificate comes from files, whatever the file chose before", () => {
    const answers = resolve(
      { "tls-cert-file": "c.pem", "tls-key-file": "k.pem" },
      {},
      "registry: { host: r.example }\ningress: { host: a.example, tls: { mode: secret, secretName: old } }\n",
    );
    expect(answers.ingress.tls).toEqual({ mode: "files", certFile: "c.pem", keyFile: "k.pem" });
  });
});

describe("what is missing", () => {
  test("is told once, all of it, each with its flag and its variable", async () => {
    const problem = await problemOf(() => resolve({ "registry-username": "bot", tls: "files" }));
    expect(problem.code).toBe("ANSWERS_MISSING");
    expect(problem.exit).toBe("usage");
    for (const flag of [
      "--registry HOST",
      "--registry-password-file FILE",
      "--ingress-host HOST",
      "--tls-cert-file FILE",
      "--tls-key-file FILE",
    ])
      expect(problem.message).toContain(flag);
    expect(problem.data["missing"]).toContainEqual({ answer: "registry.host", flag: "--registry", environment: "MIGRATECTL_REGISTRY" });
  });

  test("is not asked of an installation that is not published", () => {
    expect(resolve({ registry: "registry.client.example", ingress: false }).ingress.host).toBeUndefined();
  });
});

describe("what an answers file can have wrong", () => {
  test("a misspelt key is told with its line and the key that was meant", async () => {
    const problem = await problemOf(() => resolve(minimal, {}, "registry:\n  host: r.example\n  usrename: bot\n"));
    expect(problem.code).toBe("ANSWERS_KEY_UNKNOWN");
    expect(problem.message).toBe('migratectl.yaml:4: there is no key "registry.usrename"; did you mean "username"?');
    expect(problem.fix).toBe("Write registry.username instead.");
  });

  test("a key at the wrong place is told where it belongs", async () => {
    const problem = await problemOf(() => resolve(minimal, {}, "namespace: acme\n"));
    expect(problem.message).toContain("it belongs at release.namespace");
  });

  test("a key that resembles nothing gets no guess", async () => {
    expect((await problemOf(() => resolve(minimal, {}, "zzz: 1\n"))).message).toBe('migratectl.yaml:2: there is no key "zzz"');
  });

  test("everything that is wrong is told at once, each with its line", async () => {
    const problem = await problemOf(() =>
      resolve(minimal, {}, "profle: small\nrelease: { namespace: Bad_Name }\npostgres:\n  replicas: many\n"),
    );
    expect(problem.message).toContain("3 things are wrong");
    for (const place of ["migratectl.yaml:2", "migratectl.yaml:3", "migratectl.yaml:5"]) expect(problem.message).toContain(place);
  });

  test("a name that Kubernetes would refuse is told with one that it takes", async () => {
    const problem = await problemOf(() => resolve({ ...minimal, namespace: "Acme_Prod" }));
    expect(problem.code).toBe("ANSWERS_NAME_REFUSED");
    expect(problem.message).toContain('--namespace: release.namespace is "Acme_Prod"');
    expect(problem.fix).toContain('"acme-prod"');
  });

  test.each([
    ["profile: smal\n", "profile must be one of trial, small, standard, large"],
    ["postgres: { replicas: 5 }\n", "postgres.replicas"],
    ["storage: { postgres: 200GB }\n", "a size such as 200Gi"],
    ["backup: { full: every sunday }\n", "a cron expression"],
    ["registry: { host: https://r.example }\n", "starts with https://"],
    ["registry: { password: { fle: /x } }\n", "must be one of { file: PATH }"],
    ["llm: { egressCidrs: [llm.example] }\n", "an address range"],
  ])("a value of the wrong kind is refused with its place: %j", async (text, message) => {
    const problem = await problemOf(() => resolve({}, {}, text));
    expect(problem.code).toBe("ANSWERS_INVALID");
    expect(problem.message).toContain("migratectl.yaml:2");
    expect(problem.message).toContain(message);
  });

  test("a choice that is nearly right gets the right one", async () => {
    expect((await problemOf(() => resolve(minimal, {}, "profile: smal\n"))).fix).toBe("Did you mean small?");
  });

  test("a wrong value from the environment names the variable", async () => {
    expect((await problemOf(() => resolve(minimal, { MIGRATECTL_POSTGRES_REPLICAS: "two" }))).message).toContain(
      "MIGRATECTL_POSTGRES_REPLICAS: postgres.replicas",
    );
  });
});

describe("the version of an answers file", () => {
  const withVersion = (text: string) =>
    problemOf(() => resolveAnswers({ flags: minimal, environment: {}, file: { path: "a.yaml", text } }));

  test("that is newer asks for a newer migratectl", async () => {
    const problem = await withVersion("# note\nversion: migratectl/v3\nnew: thing\n");
    expect(problem.code).toBe("ANSWERS_VERSION");
    expect(problem.message).toContain("a.yaml:2: these answers are of version migratectl/v3");
    expect(problem.fix).toContain("at least as new");
  });

  test.each(["version: 3\n", "version: helmfile/v1\n"])("that is unknown is refused: %j", async (text) => {
    expect((await withVersion(text)).message).toContain("unknown");
  });

  test("that is missing is asked for", async () => {
    expect((await withVersion("profile: small\n")).message).toContain("no `version:`");
  });
});
