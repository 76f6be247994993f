import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import { watchRelease } from "../../../src/adapters/kubernetes/workloads/watch.ts";
import { json, type ScriptedServer, scriptedServer } from "../../integration/kubernetes/scripted-server.ts";
import { until } from "../../sandbox/until.ts";

const scope = { release: "migrate-platform", namespace: "client-acme" };
/** One watch for each of pods, Deployments, StatefulSets and Jobs. */
const collections = 4;
const opened: { readonly server: ScriptedServer; readonly end: AbortController }[] = [];
afterEach(async () => {
  for (const { server, end } of opened.splice(0)) {
    end.abort();
    await server.close();
  }
});

/** Watches a release at a server that does what it should not, and counts the calls. */
async function watching(answer: (response: ServerResponse, path: string) => void) {
  const server = await scriptedServer((request, response) => answer(response, request.url ?? ""));
  const end = new AbortController();
  opened.push({ server, end });
  const calls = { count: 0 };
  watchRelease(new ApiClient(loadKubeConfig({ kubeconfig: server.kubeconfig() })), scope, () => (calls.count += 1), end.signal);
  return { server, end, calls };
}

describe("a watch that does not work", () => {
  it.each([
    ["is refused", (response: ServerResponse) => json(response, 403, { kind: "Status", message: "forbidden" })],
    ["ends at once", (response: ServerResponse) => response.writeHead(200).end()],
    ["is cut", (response: ServerResponse) => response.destroy()],
  ])("that %s is told as a change about every two seconds, and asked for no more often", { concurrent: true }, async (_, answer) => {
    const { server, calls } = await watching(answer);
    await until("the second round", () => (calls.count >= 2 * collections ? true : undefined), { deadlineMs: 4_000 });
    await pause(1_000);
    expect(server.requests.length).toBeLessThanOrEqual(2 * collections);
  });

  it("of which the connection opens and nothing ever comes ends with the signal, and leaves no connection", async () => {
    const closed = { count: 0 };
    const { server, end, calls } = await watching((response) => {
      response.on("close", () => (closed.count += 1));
      response.writeHead(200).flushHeaders();
    });
    await until("the watches", () => (server.requests.length === collections ? true : undefined), { deadlineMs: 5_000 });
    end.abort();
    await until("the end of the connections", () => (closed.count === collections ? true : undefined), { deadlineMs: 5_000 });
    expect(calls.count).toBe(0);
  });

  it("that sends without end fills no memory", async () => {
    const piece = Buffer.alloc(1024 * 1024, "x");
    const pieces = 300;
    const sent = { bytes: 0 };
    const before = used();
    let most = 0;
    const { calls } = await watching((response, path) => {
      response.writeHead(200);
      if (!path.includes("/pods")) return response.flushHeaders();
      const more = () => {
        while (sent.bytes < pieces * piece.length) {
          sent.bytes += piece.length;
          most = Math.max(most, used());
          if (!response.write(piece)) return;
        }
        response.off("drain", more);
      };
      response.on("drain", more);
      more();
    });
    await until("the last piece", () => (sent.bytes === pieces * piece.length ? true : undefined), { deadlineMs: 30_000 });
    expect(calls.count).toBeGreaterThan(100);
    expect((most - before) / piece.length).toBeLessThan(pieces / 3);
  });

  it("asks for names and labels of the release alone, with an end on the server's side", async () => {
    const { server } = await watching((response) => response.writeHead(200).flushHeaders());
    await until("the watches", () => (server.requests.length === collections ? true : undefined), { deadlineMs: 5_000 });
    for (const request of server.requests) {
      const { searchParams } = new URL(request, server.url);
      expect(searchParams.get("labelSelector")).toBe("app.kubernetes.io/instance=migrate-platform");
      expect(Number(searchParams.get("timeoutSeconds"))).toBeGreaterThan(60);
    }
  });
});

function used(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
