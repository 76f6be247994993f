import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { ApiStatusError, problemOf } from "../../../src/adapters/kubernetes/api-errors.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import { createClusterObjects } from "../../../src/adapters/kubernetes/objects.ts";
import type { ClusterObjects, NewSecret, WriteResult } from "../../../src/ports/cluster-objects.ts";
import { failure } from "../../fakes/failure.ts";
import { json, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

const opened: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

const signal = new AbortController().signal;
const labels = { "app.kubernetes.io/managed-by": "migratectl", "app.kubernetes.io/instance": "shop" };
const holder = { user: "anna", host: "jump-1", pid: 1, run: "one", machine: "m", processStart: "1" };
const claim = { holder, acquiredAt: new Date(0), durationSeconds: 30 };
const secret: NewSecret = { name: "s", type: "Opaque", labels, values: { a: "1" } };

interface Stored {
  metadata: { name: string; resourceVersion: string; managedFields: { manager: string }[]; [more: string]: unknown };
  data?: Record<string, string>;
}

/** A small API server that keeps objects with versions, and loses the connection of writes as it is told. */
class LossyServer {
  readonly objects = new Map<string, Stored>();
  /** How the next writes go wrong: cut before they are carried out, or after. */
  readonly losses: ("before" | "after")[] = [];
  writes = 0;
  /** Called before a write is carried out. */
  meanwhile: () => void = () => undefined;
  private version = 0;

  async start(): Promise<ClusterObjects> {
    const server = await scriptedServer((request, response) => void this.answer(request, response));
    opened.push(server);
    return createClusterObjects(new ApiClient(loadKubeConfig({ kubeconfig: server.kubeconfig() })));
  }

  put(path: string, object: object): Stored {
    this.version += 1;
    const given = object as Partial<Stored>;
    const metadata = { managedFields: [{ manager: "migratectl" }], ...given.metadata, name: path.split("/").at(-1) ?? "" };
    const stored = { ...given, metadata: { ...metadata, resourceVersion: String(this.version) } };
    this.objects.set(path, stored);
    return stored;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Partial<Stored>);
    const method = request.method ?? "";
    const loss = method === "GET" ? undefined : this.losses.shift();
    if (loss === "before") return void request.socket.destroy();
    if (method !== "GET") this.meanwhile();
    const [status, answer] = this.carryOut(method, (request.url ?? "").replace(/\?.*/, ""), body);
    if (loss === "after") return void request.socket.destroy();
    json(response, status, answer);
  }

  private carryOut(method: string, path: string, body: Partial<Stored>): readonly [number, unknown] {
    const target = method === "POST" ? `${path}/${body.metadata?.name}` : path;
    const found = this.objects.get(target);
    const refused = (status: number, reason: string) => [status, { kind: "Status", reason, message: `${target} ${reason}` }] as const;
    if (path === "/version") return [200, {}];
    if (method === "GET") return found === undefined ? refused(404, "NotFound") : [200, found];
    this.writes += 1;
    if (method === "POST" && found !== undefined) return refused(409, "AlreadyExists");
    if (method !== "POST" && method !== "PATCH" && found === undefined) return refused(404, "NotFound");
    const wanted = body.metadata?.resourceVersion;
    if (wanted !== undefined && wanted !== found?.metadata.resourceVersion) return refused(409, "Conflict");
    if (method !== "DELETE") {
      const merged = method === "PATCH" ? { ...found, ...body, data: { ...found?.data, ...body.data } } : body;
      const metadata = { ...found?.metadata, ...body.metadata };
      return [200, this.put(target, { ...merged, metadata })];
    }
    this.objects.delete(target);
    return [200, {}];
  }
}

const at = "/api/v1/namespaces/ns";
const versionOf = (result: WriteResult) => (result.kind === "written" ? result.version : result.kind);

describe.each(["before", "after"] as const)("a write whose connection breaks %s it is carried out", (moment) => {
  async function lossy(...losses: readonly ("before" | "after")[]) {
    const server = new LossyServer();
    const objects = await server.start();
    return { server, objects, lose: () => server.losses.push(...losses, moment) };
  }

  it("of a document is written once, and known as ours", async () => {
    const { server, objects, lose } = await lossy();
    lose();
    const first = versionOf(await objects.writeDocument("ns", "journal", { a: "1" }, labels, undefined, signal));
    lose();
    const second = versionOf(await objects.writeDocument("ns", "journal", { a: "2" }, labels, first, signal));
    expect(await objects.readDocument("ns", "journal", signal)).toEqual({ value: { a: "2" }, version: second });
    expect(Number(second)).toBe(2);
    expect(server.objects.size).toBe(1);
  });

  it("of the Lease is ours", async () => {
    const { objects, lose } = await lossy();
    lose();
    const first = versionOf(await objects.writeLease("ns", "migratectl", claim, undefined, signal));
    lose();
    const second = versionOf(await objects.writeLease("ns", "migratectl", claim, first, signal));
    expect((await objects.readLease("ns", "migratectl", signal)).lease?.version).toBe(second);
    lose();
    await objects.deleteLease("ns", "migratectl", second, signal);
    expect((await objects.readLease("ns", "migratectl", signal)).lease).toBeUndefined();
  });

  it("of a Secret or namespace is told as done by us", async () => {
    const { objects, lose } = await lossy();
    lose();
    expect(await objects.createNamespace("ns", labels, signal)).toBe("created");
    lose();
    expect(await objects.createSecret("ns", secret, signal)).toBe("created");
    lose();
    expect(await objects.addSecretKeys("ns", "s", { a: "other", b: "2" }, signal)).toEqual(["b"]);
    lose();
    await objects.setSecret("ns", { ...secret, values: { a: "3" } }, signal);
    expect(await objects.readSecret("ns", "s", signal)).toMatchObject({ a: "3", b: "2" });
  });
});

describe("a write whose connection breaks", () => {
  it("is a conflict still, when somebody else wrote before it came through", async () => {
    const server = new LossyServer();
    const objects = await server.start();
    const first = versionOf(await objects.writeDocument("ns", "journal", { a: "1" }, labels, undefined, signal));
    server.losses.push("before");
    server.meanwhile = () => void server.put(`${at}/configmaps/journal`, { data: { a: "theirs" } });
    expect(await objects.writeDocument("ns", "journal", { a: "2" }, labels, first, signal)).toEqual({ kind: "conflict" });
    server.losses.push("before");
    server.meanwhile = () => void server.put(`${at}/secrets/s`, { metadata: { labels }, data: { a: "dGhlaXJz" } });
    expect(await objects.createSecret("ns", secret, signal)).toBe("exists");
  });

  it("is given up after three times", async () => {
    const server = new LossyServer();
    const objects = await server.start();
    server.losses.push("before", "before", "before", "before");
    expect((await failure(objects.writeDocument("ns", "journal", {}, labels, undefined, signal))).code).toBe("CLUSTER_UNREACHABLE");
    expect(server.losses).toHaveLength(1);
  });
});

describe("a request that does harm when it is sent twice", () => {
  const post = (client: ApiClient) => client.request({ method: "POST", path: "/api/v1/pods/p/eviction", body: {}, signal }, z.unknown());

  async function start(answer: (request: IncomingMessage, response: ServerResponse) => void) {
    const server = await scriptedServer(answer);
    opened.push(server);
    return { server, client: new ApiClient(loadKubeConfig({ kubeconfig: server.kubeconfig() })) };
  }

  it("is not sent again over a connection of its own", async () => {
    const { server, client } = await start((request) => request.socket.destroy());
    expect((await failure(post(client))).code).toBe("CLUSTER_UNREACHABLE");
    expect(server.requests).toHaveLength(1);
  });

  it("is sent again when it met a kept connection that the server had closed, and then over a new one", async () => {
    const used = new Set<Socket>();
    const { server, client } = await start((request, response) => {
      if (used.has(request.socket)) return void request.socket.destroy();
      used.add(request.socket);
      json(response, 200, {});
    });
    await client.request({ method: "GET", path: "/api/v1/pods", signal }, z.unknown());
    await post(client);
    expect(server.requests).toEqual(["/api/v1/pods", "/api/v1/pods/p/eviction", "/api/v1/pods/p/eviction"]);
    expect(used.size).toBe(2);
  });
});

describe("a 403", () => {
  it.each([
    ['secrets is forbidden: User "anna" cannot create resource "secrets" in API group "" in the namespace "ns"', "CLUSTER_FORBIDDEN"],
    ['secrets "s" is forbidden: exceeded quota: team, requested: secrets=1, used: secrets=5, limited: secrets=5', "CLUSTER_REFUSED"],
    ['pods "p" is forbidden: violates PodSecurity "restricted:latest": privileged', "CLUSTER_REFUSED"],
    [
      'secrets "s" is forbidden: unable to create new content in namespace ns because it is being terminated',
      "INSTALL_NAMESPACE_TERMINATING",
    ],
  ])("is told as what it is: %s", (message, code) => {
    expect(problemOf(new ApiStatusError(403, "Forbidden", message), "testing")).toMatchObject({ code });
    expect(problemOf(new ApiStatusError(403, "", "GET /api: HTTP 403 <html>"), "testing")).toMatchObject({ code: "CLUSTER_FORBIDDEN" });
  });
});
