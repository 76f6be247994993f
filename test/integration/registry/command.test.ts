import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { createAuthority } from "../../fakes/certificates.ts";
import { startConnectProxy } from "../../fakes/connect-proxy.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { type MadeBundle, makeBundle } from "../../fakes/made-bundle.ts";
import { json, scriptedServer } from "../kubernetes/scripted-server.ts";

const main = join(import.meta.dirname, "../../../src/cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "migratectl-push-"));
const users = { push: { password: "correct horse", push: true } };
const stops: (() => Promise<unknown>)[] = [];
let bundle: MadeBundle;

beforeAll(async () => {
  bundle = await makeBundle({ seed: 5 });
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => {
  bundle.remove();
  rmSync(folder, { recursive: true });
});

async function registry(options: Parameters<typeof FakeRegistry.start>[0]): Promise<FakeRegistry> {
  const started = await FakeRegistry.start(options);
  stops.push(() => started.close());
  return started;
}

/** `migratectl bundle push` as a person types it, with this environment and no other. */
function push(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const environment = { PATH: process.env["PATH"] ?? "", HOME: folder, ...env };
  return new Promise((resolve) =>
    execFile(process.execPath, [main, "bundle", "push", bundle.path, ...args], { env: environment, cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

function answers(registryAnswers: object): string {
  const path = join(folder, "answers.yaml");
  writeFileSync(path, stringify({ version: "migratectl/v2", release: { namespace: "shop" }, registry: registryAnswers }));
  return path;
}

describe("migratectl bundle push", () => {
  it("logs in with what docker login left, when no user name is given", async () => {
    const to = await registry({ auth: { kind: "basic", users } });
    const config = join(folder, "docker");
    mkdirSync(config, { recursive: true });
    const auth = Buffer.from("push:correct horse").toString("base64");
    writeFileSync(join(config, "config.json"), JSON.stringify({ auths: { [to.host]: { auth } } }));
    const target = ["--registry", `${to.host}/x`, "--plain-http"];
    expect((await push(target, { DOCKER_CONFIG: config })).code).toBe(0);
    expect(to.store.repositories.size).toBeGreaterThan(0);
    const without = await push(target);
    expect([without.code, without.stderr]).toEqual([7, expect.stringContaining("REGISTRY_UNAUTHORIZED")]);
  });

  it("takes a password from a Secret of the cluster", async () => {
    const to = await registry({ auth: { kind: "basic", users } });
    const data = { password: Buffer.from("correct horse").toString("base64") };
    const cluster = await scriptedServer((_, response) => json(response, 200, { metadata: { name: "pull" }, data }));
    stops.push(() => cluster.close());
    const file = answers({ host: `${to.host}/x`, username: "push", password: { secret: "pull", key: "password" }, plainHttp: true });
    const { code, stderr } = await push(["--answers", file, "--kubeconfig", cluster.kubeconfig()]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(cluster.requests).toEqual(["/api/v1/namespaces/shop/secrets/pull"]);
  });

  it("refuses a password that would be made anew each time", async () => {
    const file = answers({ host: "r.example/x", username: "push", password: { generate: true } });
    const { code, stderr } = await push(["--answers", file]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("must be one of { file: PATH }")]);
  });

  it("goes through the proxy of the environment, or past it", async () => {
    const authority = createAuthority("The client's CA");
    const to = await registry({ tls: authority.issue(["registry.client.invalid"]) });
    const proxy = await startConnectProxy();
    stops.push(() => proxy.close());
    proxy.lead("registry.client.invalid:443", to.port);
    writeFileSync(join(folder, "ca.pem"), authority.pem);
    const target = ["--registry", "registry.client.invalid/x", "--registry-ca", "ca.pem"];
    expect((await push(target, { HTTPS_PROXY: proxy.url })).code).toBe(0);
    expect(new Set(proxy.asked)).toEqual(new Set(["registry.client.invalid:443"]));
    const past = await push(target, { HTTPS_PROXY: proxy.url, NO_PROXY: ".client.invalid" });
    expect([past.code, past.stderr]).toEqual([7, expect.stringContaining("does not resolve")]);
  });
});
