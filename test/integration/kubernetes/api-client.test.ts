import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { ApiStatusError } from "../../../src/adapters/kubernetes/api-errors.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import { kubernetesFacts } from "../../../src/adapters/kubernetes/facts/cluster-facts.ts";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { createAuthority } from "../../fakes/certificates.ts";
import { json, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

const opened: ScriptedServer[] = [];
const serve = async (...call: Parameters<typeof scriptedServer>): Promise<ScriptedServer> => {
  const server = await scriptedServer(...call);
  opened.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

const signal = new AbortController().signal;
const client = (kubeconfig: string, context?: string) => new ApiClient(loadKubeConfig({ kubeconfig, context }));
const get = (api: ApiClient, more: object = {}) => api.request({ method: "GET", path: "/api/v1/things", signal, ...more }, z.unknown());
const version = { gitVersion: "v1.34.4" };
const healthy = async () => serve((_, response) => json(response, 200, version));

async function problem(work: Promise<unknown> | (() => unknown)): Promise<Problem> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("no Problem was thrown");
}

describe("loading the kubeconfig", () => {
  it("says where it looked when there is none", async () => {
    expect(await problem(() => loadKubeConfig({ environment: "/nowhere/a:/nowhere/b" }))).toMatchObject({
      code: "KUBECONFIG_MISSING",
      message: "no kubeconfig at /nowhere/a, /nowhere/b",
    });
    expect((await problem(() => loadKubeConfig({ kubeconfig: "/nowhere/c" }))).code).toBe("KUBECONFIG_MISSING");
  });

  it("proposes the context that was probably meant", async () => {
    const path = (await healthy()).kubeconfig();
    expect(await problem(() => loadKubeConfig({ kubeconfig: path, context: "stagin" }))).toMatchObject({
      code: "CONTEXT_UNKNOWN",
      message: expect.stringContaining('did you mean "staging"?'),
    });
    expect((await problem(() => loadKubeConfig({ kubeconfig: path, context: "elsewhere" }))).message).toContain("it has: prod, staging");
  });

  it("refuses a file that is no kubeconfig, and a context without a cluster", async () => {
    const path = (await healthy()).kubeconfig();
    writeFileSync(path, "{ not: [yaml");
    expect((await problem(() => loadKubeConfig({ kubeconfig: path }))).code).toBe("KUBECONFIG_INVALID");
    writeFileSync(
      path,
      JSON.stringify({
        "current-context": "x",
        contexts: [{ name: "x", context: { cluster: "gone", user: "gone" } }],
        clusters: [],
        users: [],
      }),
    );
    expect((await problem(() => loadKubeConfig({ kubeconfig: path }))).code).toBe("KUBECONFIG_INVALID");
  });
});

describe("a cluster that cannot be asked", () => {
  it("does not trust a certificate of an unknown CA, an expired one, or one for another name", async () => {
    const strange = createAuthority("somebody else");
    const ca = (pem: string) => ({ "certificate-authority-data": Buffer.from(pem).toString("base64") });
    const unknownCa = (await healthy()).kubeconfig({ cluster: ca(strange.pem) });
    expect((await problem(get(client(unknownCa)))).code).toBe("CLUSTER_UNTRUSTED");
    for (const pair of [strange.issue(["127.0.0.1"], -1), strange.issue(["other.example"])]) {
      const server = await serve((_, response) => json(response, 200, version), pair);
      expect((await problem(get(client(server.kubeconfig({ cluster: ca(strange.pem) }))))).code).toBe("CLUSTER_UNTRUSTED");
    }
  });

  it("says that a refused client certificate has expired", async () => {
    const server = await serve((_, response) => json(response, 401, { kind: "Status", reason: "Unauthorized", message: "Unauthorized" }));
    const old = server.authority.issue(["admin"], -1);
    const user = {
      "client-certificate-data": Buffer.from(old.cert).toString("base64"),
      "client-key-data": Buffer.from(old.key).toString("base64"),
    };
    const found = await problem(kubernetesFacts(client(server.kubeconfig({ user }))).cluster(signal));
    expect(found).toMatchObject({ code: "CLUSTER_UNAUTHORIZED", exit: "usage" });
    expect(found.message).toMatch(/client certificate of user "u" expired on \d{4}-\d\d-\d\d/);
  });

  it("says that nobody listens there", async () => {
    const server = await healthy();
    const api = client(server.kubeconfig());
    await server.close();
    opened.pop();
    expect(await problem(get(api))).toMatchObject({
      code: "CLUSTER_UNREACHABLE",
      message: expect.stringContaining("connection refused"),
      fix: expect.stringContaining("--context prod"),
    });
  });

  it("stops waiting for a server that takes the request and stalls", async () => {
    const server = await serve(() => {});
    expect((await problem(get(client(server.kubeconfig()), { deadline: 200 }))).message).toMatch(/did not answer within 0\.2 s/);
  });

  it("stops at once, with the reason, when it is cancelled", async () => {
    const server = await serve(() => {});
    const controller = new AbortController();
    const asked = get(client(server.kubeconfig()), { signal: controller.signal });
    const reason = new Problem("CANCELLED", { what: "stopped by Ctrl-C" });
    controller.abort(reason);
    expect(await problem(asked)).toBe(reason);
  });

  it("recognises a web page and half a body for what they are", async () => {
    const page = await serve((_, response) => response.end("<!DOCTYPE html><title>Login</title>"));
    expect(await problem(get(client(page.kubeconfig())))).toMatchObject({
      code: "CLUSTER_NOT_KUBERNETES",
      message: expect.stringContaining("a web page"),
    });
    expect((await problem(kubernetesFacts(client(page.kubeconfig())).cluster(signal))).code).toBe("CLUSTER_NOT_KUBERNETES");
    const half = await serve((_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"items": [');
      setImmediate(() => response.destroy());
    });
    expect((await problem(get(client(half.kubeconfig())))).code).toBe("CLUSTER_UNREACHABLE");
    expect(half.requests.length).toBe(3);
  });

  it("recognises a server that does not speak TLS", async () => {
    const plain = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const address = plain.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const path = (await healthy()).kubeconfig({ cluster: { server: `https://127.0.0.1:${port}` } });
    expect((await problem(get(client(path)))).code).toBe("CLUSTER_NOT_KUBERNETES");
    plain.close();
  });
});

describe("a cluster under strain", () => {
  it("waits as long as a 429 says and asks again, also for a write", async () => {
    const server = await serve((_, response, count) =>
      count < 3 ? json(response, 429, {}, { "retry-after": "0" }) : json(response, 200, { done: true }),
    );
    expect(await get(client(server.kubeconfig()), { method: "POST", body: {} })).toEqual({ done: true });
    expect(server.requests).toHaveLength(3);
  });

  it("gives a 429 that never ends back after five tries", async () => {
    const server = await serve((_, response) => json(response, 429, { message: "too many" }, { "retry-after": "0" }));
    await expect(get(client(server.kubeconfig()))).rejects.toMatchObject({ status: 429, message: "too many" });
    expect(server.requests).toHaveLength(5);
  });

  it("repeats a read whose connection dropped", async () => {
    const drops = await serve((request, response, count) => (count === 1 ? request.socket.destroy() : json(response, 200, { ok: 1 })));
    expect(await get(client(drops.kubeconfig()))).toEqual({ ok: 1 });
  });

  it("reads a list page by page", async () => {
    const server = await serve((request, response) => {
      const next = new URL(request.url ?? "", "https://x").searchParams.get("continue");
      json(
        response,
        200,
        next === null ? { items: [{ n: 1 }, { n: 2 }], metadata: { continue: "more" } } : { items: [{ n: 3 }], metadata: {} },
      );
    });
    const found: number[] = [];
    for await (const { n } of client(server.kubeconfig()).list("/api/v1/things", z.object({ n: z.number() }), signal)) found.push(n);
    expect(found).toEqual([1, 2, 3]);
    expect(server.requests[0]).toContain("limit=500");
  });

  it("turns refusals, server errors and stalls of one part into readings and goes on", async () => {
    const server = await serve((request, response) => {
      if (request.url?.startsWith("/api/v1/nodes"))
        json(response, 403, { kind: "Status", reason: "Forbidden", message: "nodes is forbidden" });
      else if (request.url?.startsWith("/api/v1/persistentvolumes")) json(response, 500, { message: "etcd is sad" });
      else json(response, 200, { items: [{ metadata: {} }], metadata: {} });
    });
    const facts = kubernetesFacts(client(server.kubeconfig()));
    expect(await facts.nodes(signal)).toEqual({ kind: "denied", verb: "list", resource: "nodes", message: "nodes is forbidden" });
    expect(await facts.volumes(signal)).toEqual({ kind: "unavailable", message: "etcd is sad" });
    expect(await facts.ingressClasses(signal)).toMatchObject({ kind: "unavailable", message: expect.stringContaining("metadata.name") });
  });

  it("judges what lives by its own clock, not by this host's", async () => {
    const hour = 3_600_000;
    const theirs = new Date(Date.now() + hour);
    const server = await serve((request, response) => {
      const path = request.url ?? "";
      const named = (name: string) => (path.includes(`metadata.name%3D${name}`) ? name : undefined);
      const lease = named("living") ?? named("dead");
      const renewTime = new Date(theirs.getTime() - (lease === "living" ? 10_000 : hour)).toISOString();
      const items = path.includes("/storageclasses")
        ? ["living", "dead"].map((name) => ({ metadata: { name }, provisioner: name }))
        : lease === undefined
          ? []
          : [{ spec: { renewTime } }];
      json(response, 200, { items, metadata: {} }, { date: theirs.toUTCString() });
    });
    const facts = kubernetesFacts(client(server.kubeconfig()));
    expect(await facts.provisioners(signal)).toEqual({ kind: "known", value: { drivers: [], alive: ["living"] } });
  });

  it("hands a watch on piece by piece until it is cancelled, and tells a refusal", async () => {
    const server = await serve((request, response) => {
      if (request.url?.includes("refused")) return json(response, 403, { kind: "Status", reason: "Forbidden", message: "no" });
      response.writeHead(200);
      response.write("first");
      setTimeout(() => response.write("second"), 50);
    });
    const api = client(server.kubeconfig());
    const cancel = new AbortController();
    let text = "";
    const watching = api.stream({ method: "GET", path: "/api/v1/things", query: { watch: true }, signal: cancel.signal }, (chunk) => {
      text += chunk.toString();
      if (text === "firstsecond") cancel.abort(new Error("enough"));
    });
    await expect(watching).rejects.toThrow("enough");
    await expect(api.stream({ method: "GET", path: "/api/v1/refused", signal }, () => undefined)).rejects.toMatchObject({ status: 403 });
  });

  it("keeps the start of an error page when something else than Kubernetes refuses", async () => {
    const server = await serve((_, response) => response.writeHead(500).end("upstream broke\nmore"));
    await expect(get(client(server.kubeconfig()))).rejects.toThrow(ApiStatusError);
    await expect(get(client(server.kubeconfig()))).rejects.toThrow(/HTTP 500 upstream broke$/);
  });
});
