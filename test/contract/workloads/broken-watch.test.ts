import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import { watchRelease } from "../../../src/adapters/kubernetes/workloads/watch.ts";
import { json, scriptedServer } from "../../integration/kubernetes/scripted-server.ts";
import { until } from "../../sandbox/until.ts";

const scope = { release: "migrate-platform", namespace: "client-acme" };
/** One watch for each of pods, Deployments, StatefulSets and Jobs. */
const collections = 4;

/** Watches a release at a server that does what it should not, and counts the calls; ends both when it is let go. */
async function watching(answer: (response: ServerResponse, path: string) => void) {
  const server = await scriptedServer((request, response) => answer(response, request.url ?? ""));
  const end = new AbortController();
  const calls = { count: 0 };
  watchRelease(new ApiClient(loadKubeConfig({ kubeconfig: server.kubeconfig() })), scope, () => (calls.count += 1), end.signal);
  return {
    server,
    end,
    calls,
    async [Symbol.asyncDispose]() {
      end.abort();
      await server.close();
    },
  };
}

describe("a watch that does not work", () => {
  it.each([
    ["is refused", (response: ServerResponse) => json(response, 403, { kind: "Status", message: "forbidden" })],
    ["ends at once", (response: ServerResponse) => response.writeHead(200).end()],
    ["is cut", (response: ServerResponse) => response.destroy()],
  ])("that %s is told as a change about every two seconds, and asked for no more often", { concurrent: true }, async (_, answer) => {
    await using seen = await watching(answer);
    await until("the second round", () => (seen.calls.count >= 2 * collections ? true : undefined), { deadlineMs: 4_000 });
    await pause(1_000);
    expect(seen.server.requests.length).toBeLessThanOrEqual(2 * collections);
  });

  it("of which the connection opens and nothing ever comes ends with the signal, and leaves no connection", async () => {
    const closed = { count: 0 };
    await using seen = await watching((response) => {
      response.on("close", () => (closed.count += 1));
      response.writeHead(200).flushHeaders();
    });
    await until("the watches", () => (seen.server.requests.length === collections ? true : undefined), { deadlineMs: 5_000 });
    seen.end.abort();
    await until("the end of the connections", () => (closed.count === collections ? true : undefined), { deadlineMs: 5_000 });
    expect(seen.calls.count).toBe(0);
  });

  it("that sends without end fills no memory", async () => {
    const piece = Buffer.alloc(1024 * 1024, "x");
    const pieces = 300;
    const sent = { bytes: 0 };
    const before = used();
    let most = 0;
    await using seen = await watching((response, path) => {
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
    expect(seen.calls.count).toBeGreaterThan(100);
    expect((most - before) / piece.length).toBeLessThan(pieces / 2);
  });

  it("asks for names and labels of the release alone, with an end on the server's side", async () => {
    await using seen = await watching((response) => response.writeHead(200).flushHeaders());
    await until("the watches", () => (seen.server.requests.length === collections ? true : undefined), { deadlineMs: 5_000 });
    for (const request of seen.server.requests) {
      const { searchParams } = new URL(request, seen.server.url);
      expect(searchParams.get("labelSelector")).toBe("app.kubernetes.io/instance=migrate-platform");
      expect(Number(searchParams.get("timeoutSeconds"))).toBeGreaterThan(60);
    }
  });
});

function used(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
