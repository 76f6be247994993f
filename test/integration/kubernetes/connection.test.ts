import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { openConnection } from "../../../src/adapters/kubernetes/connection.ts";
import { connect, secretSources } from "../../../src/cli/compose/connect.ts";
import type { Globals } from "../../../src/cli/global-flags.ts";
import { describeReal, missing } from "../../contract/real.ts";
import { failure } from "../../fakes/failure.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";
import { json, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

const signal = new AbortController().signal;
const secret = { kind: "Secret", apiVersion: "v1", metadata: { name: "pull" }, data: { password: "aHVudGVyMg==" } };
let folder: string;
let staging: ScriptedServer;
let production: ScriptedServer;
let shell: string | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "migratectl-connection-"));
  shell = process.env["KUBECONFIG"];
  const answer = (path: string) =>
    path.endsWith("/secrets/pull") ? secret : { kind: "SecretList", apiVersion: "v1", items: [], metadata: {} };
  staging = await scriptedServer((request, response) => json(response, 200, answer(request.url ?? "")));
  production = await scriptedServer((request, response) => json(response, 200, answer(request.url ?? "")));
});
afterEach(async () => {
  if (shell === undefined) delete process.env["KUBECONFIG"];
  else process.env["KUBECONFIG"] = shell;
  rmSync(folder, { recursive: true });
  await Promise.all([staging.close(), production.close()]);
});

const clusterOf = (name: string, { url, authority }: ScriptedServer) => ({
  name,
  cluster: { server: url, "certificate-authority-data": Buffer.from(authority.pem).toString("base64") },
});

/** A kubeconfig of its own, as `kubectl config` writes them. */
function write(
  name: string,
  current: string | undefined,
  parts: { readonly clusters?: readonly object[]; readonly contexts?: readonly string[] } = {},
): string {
  const path = join(folder, name);
  const contexts = parts.contexts ?? ["staging", "production"];
  const config = {
    apiVersion: "v1",
    kind: "Config",
    ...(current === undefined ? {} : { "current-context": current }),
    clusters: parts.clusters ?? [clusterOf("staging", staging), clusterOf("production", production)],
    contexts: contexts.map((one) => ({ name: one, context: { cluster: one, user: "admin" } })),
    users: [{ name: "admin", user: { token: "t" } }],
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

function globals(more: Partial<Globals> = {}): Globals {
  const progress = new RecordingProgress();
  return {
    answers: join(folder, "none.yaml"),
    yes: true,
    dryRun: false,
    json: false,
    logLevel: "info",
    color: false,
    signal,
    progress,
    ...more,
  };
}

/** What `kubectl config use-context` does in another terminal. */
function useContext(path: string, context: string): void {
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), "current-context": context }), { mode: 0o600 });
}

const ask = async (command: Globals) =>
  await (await connect(command)).client.request({ method: "GET", path: "/api/v1/namespaces/ns/secrets", signal }, z.unknown());

describeReal("one command, with the real helm,", missing("helm"), () => {
  it("stays on the cluster it began on, whatever becomes of the current context meanwhile", async () => {
    writeFileSync(join(folder, "none.yaml"), "version: migratectl/v2\n");
    const path = write("config", "staging");
    process.env["KUBECONFIG"] = path;
    const command = globals();
    await ask(command);
    useContext(path, "production");
    await ask(command);
    const helm = await (await connect(command)).helm({});
    expect(await helm.find("shop", "ns", signal)).toBeUndefined();
    expect(staging.requests.length).toBeGreaterThan(2);
    expect(production.requests).toEqual([]);

    const next = globals();
    await ask(next);
    await (await (await connect(next)).helm({})).find("shop", "ns", signal);
    expect(production.requests.length).toBeGreaterThan(1);
  });

  it("stays with the files it began with, also when one more comes into being", async () => {
    writeFileSync(join(folder, "none.yaml"), "version: migratectl/v2\n");
    const later = join(folder, "later");
    process.env["KUBECONFIG"] = [later, write("config", "staging")].join(delimiter);
    const command = globals();
    await ask(command);
    write("later", "staging", { clusters: [clusterOf("staging", production)], contexts: ["staging"] });
    await (await (await connect(command)).helm({})).find("shop", "ns", signal);
    expect(production.requests).toEqual([]);
  });
});

describe("a secret of the answers that lies in the cluster", () => {
  it("is read from the release's namespace, on the command's cluster, and from nowhere before it is needed", async () => {
    writeFileSync(join(folder, "none.yaml"), "version: migratectl/v2\nrelease: { namespace: shop }\ncluster: { context: staging }\n");
    const sources = await secretSources(globals({ kubeconfig: write("config", "production") }));
    expect(staging.requests).toEqual([]);
    expect(await sources.secret?.("pull", "password", signal)).toBe("hunter2");
    expect(staging.requests).toEqual(["/api/v1/namespaces/shop/secrets/pull"]);
    expect(production.requests).toEqual([]);
  });
});

describe("a kubeconfig of several files", () => {
  const opened = (environment: string, context?: string) => openConnection({ environment, context });

  it("is read as kubectl reads it: what stands in an earlier file counts, the current context too", () => {
    const first = write("first", undefined, { clusters: [clusterOf("staging", staging)], contexts: ["staging"] });
    const second = write("second", "production", { clusters: [clusterOf("staging", production), clusterOf("production", production)] });
    const { connection, config } = opened([join(folder, "missing"), first, second].join(delimiter));
    expect(connection).toEqual({ kubeconfig: [first, second], context: "production" });
    expect(config.getCurrentCluster()?.server).toBe(production.url);
    expect(opened([first, second].join(delimiter), "staging").config.getCurrentCluster()?.server).toBe(staging.url);
  });

  it("may have empty ones among them", () => {
    const empty = join(folder, "empty");
    writeFileSync(empty, "\n");
    expect(opened([empty, write("config", "staging")].join(delimiter)).connection.context).toBe("staging");
  });

  it("that all say nothing is no kubeconfig", async () => {
    const empty = join(folder, "empty");
    writeFileSync(empty, "");
    expect((await failure(Promise.resolve().then(() => opened(empty)))).code).toBe("KUBECONFIG_INVALID");
  });

  it("is named by absolute paths from then on", () => {
    const path = write("config", "staging");
    expect(openConnection({ kubeconfig: relative(process.cwd(), path) }).connection.kubeconfig).toEqual([path]);
  });
});
