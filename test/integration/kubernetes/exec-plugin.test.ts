import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import type { PluginHost } from "../../../src/adapters/kubernetes/exec-plugin.ts";
import { programEnvironment } from "../../../src/adapters/node/program-environment.ts";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { failure } from "../../fakes/failure.ts";
import { json, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

const folder = mkdtempSync(join(tmpdir(), "migratectl-plugin-"));
afterAll(() => rmSync(folder, { recursive: true }));
const opened: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

const never = new AbortController().signal;
const get = (api: ApiClient, signal = never) => api.request({ method: "GET", path: "/api/v1/things", signal }, z.unknown());

/** A server that answers everything, and the Authorization of each request. */
async function server(): Promise<{ readonly server: ScriptedServer; readonly asked: (string | undefined)[] }> {
  const asked: (string | undefined)[] = [];
  const scripted = await scriptedServer((request, response) => {
    asked.push(request.headers.authorization);
    json(response, 200, {});
  });
  opened.push(scripted);
  return { server: scripted, asked };
}

/** A plugin of these lines of shell; `give` prints a token that expires in so many seconds. */
function plugin(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  const give = [
    "give() {",
    `  end=$(date -u -d "+$2 seconds" +%Y-%m-%dT%H:%M:%SZ)`,
    `  echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$1'","expirationTimestamp":"'$end'"}}'`,
    "}",
  ];
  writeFileSync(path, ["#!/bin/sh", ...give, ...lines].join("\n"));
  chmodSync(path, 0o755);
  return path;
}

const exec = (command: string, more: object = {}) => ({
  exec: { apiVersion: "client.authentication.k8s.io/v1", command, args: [], interactiveMode: "IfAvailable", ...more },
});

function clientOf(kubeconfig: string, host: Partial<PluginHost> = {}): ApiClient {
  return new ApiClient(loadKubeConfig({ kubeconfig }, { environment: programEnvironment(process.env, []), ...host }));
}

describe("a credential plugin", () => {
  it("gets the whole environment but our secrets, and what kubectl tells it", async () => {
    const { server: api, asked } = await server();
    const shown = join(folder, "shown");
    const path = plugin("spy", [`env > ${shown}`, "give a-token 3600"]);
    const environment = programEnvironment(
      { PATH: process.env["PATH"], ANY_CLOUD_REALM: "x", MIGRATECTL_REGISTRY_PASSWORD: "hunter2", LLM_KEY: "hunter2", CHANGED: "before" },
      ["LLM_KEY"],
    );
    const user = exec(path, { env: [{ name: "CHANGED", value: "after" }], provideClusterInfo: true });
    await get(clientOf(api.kubeconfig({ user }), { environment }));
    expect(asked).toEqual(["Bearer a-token"]);
    const lines = readFileSync(shown, "utf8").split("\n");
    expect(lines).toEqual(expect.arrayContaining(["ANY_CLOUD_REALM=x", "CHANGED=after"]));
    expect(lines.join()).not.toMatch(/hunter2|MIGRATECTL_|LLM_KEY/);
    const info = lines.find((line) => line.startsWith("KUBERNETES_EXEC_INFO="))?.replace("KUBERNETES_EXEC_INFO=", "") ?? "";
    expect(JSON.parse(info)).toMatchObject({
      kind: "ExecCredential",
      spec: { interactive: false, cluster: { server: api.url, "certificate-authority-data": expect.any(String) } },
    });
  });

  it("is run once for requests that come at the same moment, and again when what it gave has expired", async () => {
    const { server: api, asked } = await server();
    const count = join(folder, "count");
    const path = plugin("counted", [`echo run >> ${count}`, "sleep 0.2", `give token-$(wc -l < ${count}) 6`]);
    const client = clientOf(api.kubeconfig({ user: exec(path) }));
    await Promise.all(Array.from({ length: 8 }, () => get(client)));
    expect(new Set(asked)).toEqual(new Set(["Bearer token-1"]));
    // Five seconds before its end a token no longer counts.
    const next = async () => {
      await get(client);
      return asked.at(-1);
    };
    await expect.poll(next, { timeout: 10_000, interval: 300 }).toBe("Bearer token-2");
  });

  it("is found beside the kubeconfig when it is named by a relative path", async () => {
    const { server: api, asked } = await server();
    const kubeconfig = api.kubeconfig({ user: exec("./beside") });
    const beside = join(dirname(kubeconfig), "beside");
    writeFileSync(beside, readFileSync(plugin("source", ["give near 3600"])));
    chmodSync(beside, 0o755);
    await get(clientOf(kubeconfig));
    expect(asked).toEqual(["Bearer near"]);
  });

  it("that is not installed is named, with the hint of the kubeconfig", async () => {
    const { server: api } = await server();
    const user = exec("no-such-login-plugin", { installHint: "Get it from the portal." });
    const found = await failure(get(clientOf(api.kubeconfig({ user }))));
    expect(found).toMatchObject({ code: "CLUSTER_CREDENTIAL_PLUGIN", fix: "Get it from the portal.", exit: "usage" });
    expect(found.message).toContain("no-such-login-plugin");
  });

  it("that fails is told with what it said", async () => {
    const { server: api } = await server();
    const path = plugin("fails", ["echo please log in >&2", "exit 1"]);
    const found = await failure(get(clientOf(api.kubeconfig({ user: exec(path) }))));
    expect(found).toMatchObject({ code: "CLUSTER_CREDENTIAL_PLUGIN", message: `the credential plugin "${path}" failed: please log in` });
  });

  it("that gives something else is told without what it gave", async () => {
    const { server: api } = await server();
    const found = await failure(get(clientOf(api.kubeconfig({ user: exec(plugin("odd", ["echo s3cret-thing"])) }))));
    expect(found.message).toMatch(/gave something that is no ExecCredential/);
    expect(found.message).not.toContain("s3cret");
  });

  it("that waits for a person shows at once what it says, and is given up after its time", async () => {
    const { server: api } = await server();
    const path = plugin("waits", ["echo 'open https://login.example and enter ABCD' >&2", "exec sleep 60"]);
    const said: string[] = [];
    const host = { deadline: 700, say: (line: string) => void said.push(line) };
    const found = await failure(get(clientOf(api.kubeconfig({ user: exec(path) }), host)));
    expect(said).toEqual(["open https://login.example and enter ABCD"]);
    expect(found.code).toBe("CLUSTER_CREDENTIAL_PLUGIN");
    expect(found.message).toMatch(/"[^"]*waits" has not ended within 0\.7 s; it said: open https:/);
    expect(basename(path)).toBe("waits");
  });

  it("is ended when the command is cancelled", async () => {
    const { server: api } = await server();
    const [begun, ended] = [join(folder, "begun"), join(folder, "ended")];
    const path = plugin("endless", [`trap 'touch ${ended}; exit 1' TERM`, `touch ${begun}`, "while :; do sleep 0.05; done"]);
    const cancel = new AbortController();
    const asking = get(clientOf(api.kubeconfig({ user: exec(path) }), { signal: cancel.signal }), cancel.signal);
    const reason = new Problem("CANCELLED", { what: "stopped by Ctrl-C" });
    const outcome = expect(asking).rejects.toBe(reason);
    await expect.poll(() => existsSync(begun), { timeout: 5_000 }).toBe(true);
    cancel.abort(reason);
    await outcome;
    await expect.poll(() => existsSync(ended), { timeout: 5_000 }).toBe(true);
  });
});
