import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createConnector } from "../../../src/adapters/registry/connector.ts";
import { dockerCredentials } from "../../../src/adapters/registry/docker-credentials.ts";
import { failure } from "../../fakes/failure.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { always } from "../../fakes/made-bundle.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "migratectl-docker-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const auth = (text: string) => ({ auth: Buffer.from(text).toString("base64") });

function config(content: unknown, folder = join(home, ".docker")): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), typeof content === "string" ? content : JSON.stringify(content));
}

/** A credential helper of these lines of shell on PATH. */
function helper(name: string, lines: readonly string[]): void {
  const path = join(home, "bin", `docker-credential-${name}`);
  mkdirSync(join(home, "bin"), { recursive: true });
  writeFileSync(path, ["#!/bin/sh", ...lines].join("\n"));
  chmodSync(path, 0o755);
}

const environment = (more: Record<string, string> = {}) => ({ HOME: home, PATH: `${join(home, "bin")}:${process.env["PATH"]}`, ...more });
const look = (host: string, more: Record<string, string> = {}, options: { deadline?: number; secrets?: string[] } = {}) =>
  dockerCredentials(host, { environment: environment(more), ...options }, always);
const answering = (username: string, secret: string) => [`echo '{"ServerURL":"x","Username":"${username}","Secret":"${secret}"}'`];

describe("docker's config.json", () => {
  it("is looked for in DOCKER_CONFIG, then at home, and need not be there", async () => {
    expect(await look("r.example:5000")).toBeUndefined();
    config({ auths: { "r.example:5000": auth("home:pw") } });
    expect(await look("r.example:5000")).toEqual({ username: "home", password: "pw" });
    config({ auths: { "r.example:5000": auth("other:pw") } }, join(home, "elsewhere"));
    expect(await look("r.example:5000", { DOCKER_CONFIG: join(home, "elsewhere") })).toEqual({ username: "other", password: "pw" });
  });

  it("tells names and passwords with anything in them, and the token of a log-in", async () => {
    config({
      auths: {
        "a.example": auth("anna:p:w ü"),
        "b.example": { username: "ben", password: "plain" },
        "c.example": { ...auth("00000000-0000-0000-0000-000000000000:"), identitytoken: "long-token" },
        "d.example": {},
        "https://e.example/v2/": auth("old:pw\0\0"),
        "https://index.docker.io/v1/": auth("hub:pw"),
      },
      HttpHeaders: { "X-Unknown": "is left alone" },
    });
    expect(await look("a.example")).toEqual({ username: "anna", password: "p:w ü" });
    expect(await look("b.example")).toEqual({ username: "ben", password: "plain" });
    expect(await look("c.example")).toEqual({ identityToken: "long-token" });
    expect(await look("d.example")).toBeUndefined();
    expect(await look("e.example")).toEqual({ username: "old", password: "pw" });
    expect(await look("docker.io")).toEqual({ username: "hub", password: "pw" });
    expect(await look("a.example:5000")).toBeUndefined();
  });

  it.each(["{ not json s3cret", '{"auths": {"r.example": {"auth": 7}}}', '"s3cret"'])(
    "that cannot be read is named, and nothing of it told: %s",
    async (content) => {
      config(content);
      const problem = await failure(look("r.example"));
      expect(problem).toMatchObject({
        code: "DOCKER_CONFIG_INVALID",
        exit: "usage",
        message: expect.stringContaining(join(home, ".docker")),
      });
      expect(JSON.stringify([problem.message, problem.why, problem.fix, problem.cause])).not.toContain("s3cret");
    },
  );
});

describe("a credential helper", () => {
  it("is asked for the registry by name on stdin, as an argument of no shell, and gets no secret of ours", async () => {
    helper("spy", [`cat > ${home}/stdin`, `echo "$@" > ${home}/argv`, `env > ${home}/env`, ...answering("anna", "pw")]);
    config({ credHelpers: { "r.example:5000": "spy" }, auths: { "r.example:5000": auth("file:file") } });
    const more = { MIGRATECTL_REGISTRY_PASSWORD: "hunter2", CLIENT_PW: "hunter2", KEYCHAIN: "any helper's" };
    expect(await look("r.example:5000", more, { secrets: ["CLIENT_PW"] })).toEqual({ username: "anna", password: "pw" });
    expect(readFileSync(`${home}/stdin`, "utf8")).toBe("r.example:5000");
    expect(readFileSync(`${home}/argv`, "utf8")).toBe("get\n");
    expect(readFileSync(`${home}/env`, "utf8")).not.toContain("hunter2");
    expect(readFileSync(`${home}/env`, "utf8")).toContain("KEYCHAIN=any helper's");
  });

  it("of one registry goes before the store of all, and the store before the file", async () => {
    helper("one", answering("one", "pw"));
    helper("all", answering("all", "pw"));
    config({ credHelpers: { "r.example": "one" }, credsStore: "all", auths: { "other.example": auth("file:file") } });
    expect(await look("r.example")).toEqual({ username: "one", password: "pw" });
    expect(await look("other.example")).toEqual({ username: "all", password: "pw" });
  });

  it("that has nothing leaves it to the file, and then to nobody", async () => {
    helper("empty", ["echo 'credentials not found in native keychain'", "exit 1"]);
    config({ credsStore: "empty", auths: { "r.example": auth("file:pw"), "keychain.example": {} } });
    expect(await look("r.example")).toEqual({ username: "file", password: "pw" });
    expect(await look("keychain.example")).toBeUndefined();
  });

  it("may give an identity token, and is asked for Docker Hub under docker's name for it", async () => {
    helper("hub", [`cat > ${home}/stdin`, ...answering("<token>", "long-token")]);
    config({ credsStore: "hub" });
    expect(await look("docker.io")).toEqual({ identityToken: "long-token" });
    expect(readFileSync(`${home}/stdin`, "utf8")).toBe("https://index.docker.io/v1/");
  });

  it.each([
    ["is not installed", "nowhere", undefined, "is not installed or not on PATH"],
    ["fails", "fails", ["echo 'the keychain is locked'", "exit 1"], "failed: the keychain is locked"],
    ["fails with what may be a secret", "leaks", [...answering("anna", "s3cret"), "exit 1"], "failed"],
    ["gives something else", "odd", ["echo s3cret"], "gave something that is no credential"],
    ["hangs", "hangs", ["exec sleep 60"], "has not answered within 0.4 s"],
    ["is named by a path", "../../evil", undefined, "is no name of a program"],
  ])("that %s is told with the way around it, and no secret", async (_, name, lines, message) => {
    if (lines !== undefined) helper(name, lines);
    config({ credsStore: name });
    const problem = await failure(look("r.example", {}, { deadline: 400 }));
    expect([problem.code, problem.message]).toEqual([
      "REGISTRY_CREDENTIAL_HELPER",
      `the credential helper docker-credential-${name} ${message}`,
    ]);
    expect(problem.fix).toContain("--registry-username");
    expect(JSON.stringify([problem, problem.cause])).not.toContain("s3cret");
  });

  it("that hangs ends with the command", async () => {
    helper("hangs", ["exec sleep 60"]);
    config({ credsStore: "hangs" });
    const cancel = new AbortController();
    const looking = dockerCredentials("r.example", { environment: environment() }, cancel.signal);
    setTimeout(() => cancel.abort(new Error("Ctrl-C")), 100);
    await expect(looking).rejects.toThrow("Ctrl-C");
  });
});

describe("an identity token", () => {
  const users = { anna: { password: "not needed", push: true, identityToken: "long-token" } };

  it("buys tokens in a form, and is sent to nobody but the token server", async () => {
    const registry = await FakeRegistry.start({ auth: { kind: "bearer", users } });
    const target = { host: registry.host, prefix: "", plainHttp: true, identityToken: "long-token" };
    const conversation = createConnector().connect(target);
    await conversation.ping(always);
    expect(await conversation.manifestDigest("a/b", "latest", always)).toBeUndefined();
    conversation.close();
    await registry.close();
    const tokens = registry.requests.filter(({ path }) => path.startsWith("/token"));
    expect(tokens.map(({ method, path }) => [method, path])).toEqual([
      ["POST", "/token"],
      ["POST", "/token"],
    ]);
    expect(registry.requests.map(({ authorization }) => authorization ?? "").join()).not.toContain("long-token");
  });

  it("that is refused is told as credentials that are", async () => {
    const registry = await FakeRegistry.start({ auth: { kind: "bearer", users } });
    const target = { host: registry.host, prefix: "", plainHttp: true, identityToken: "revoked-token" };
    const conversation = createConnector().connect(target);
    const problem = await failure(conversation.ping(always));
    conversation.close();
    await registry.close();
    expect([problem.code, problem.message]).toEqual(["REGISTRY_UNAUTHORIZED", expect.not.stringContaining("revoked-token")]);
  });
});
