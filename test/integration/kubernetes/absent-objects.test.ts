import { afterEach, describe, expect, it } from "vitest";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import { createClusterObjects } from "../../../src/adapters/kubernetes/objects.ts";
import type { ClusterObjects } from "../../../src/ports/cluster-objects.ts";
import { json, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

const signal = new AbortController().signal;
const opened: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

const core = {
  resources: [
    { name: "services", kind: "Service", namespaced: true },
    { name: "services/status", kind: "Service", namespaced: true },
  ],
};
const status = (reason: string) => ({ kind: "Status", reason, message: reason });
const service = (name: string) => ({ apiVersion: "v1", kind: "Service", name, namespace: "shop" });

/** An API server that gives these answers by path; 404 for any other. */
async function serving(
  answers: Readonly<Record<string, readonly [number, unknown]>>,
): Promise<{ objects: ClusterObjects; server: ScriptedServer }> {
  const server = await scriptedServer((request, response) => {
    const [code, body] = answers[(request.url ?? "").replace(/\?.*/, "")] ?? [404, status("NotFound")];
    json(response, code, body);
  });
  opened.push(server);
  return { objects: createClusterObjects(new ApiClient(loadKubeConfig({ kubeconfig: server.kubeconfig() }))), server };
}

describe("objects that are looked for", () => {
  it("count as there when they may not be looked at", async () => {
    const { objects } = await serving({ "/api/v1": [200, core], "/api/v1/namespaces/shop/services/a": [403, status("Forbidden")] });
    expect(await objects.absentObjects([service("a"), service("b")], signal)).toEqual([service("b")]);
  });

  it("count as there when it may not be asked what the server serves", async () => {
    const { objects } = await serving({ "/api/v1": [403, status("Forbidden")] });
    expect(await objects.absentObjects([service("a")], signal)).toEqual([]);
  });

  it("count as there when the server has their API, and something on the way says that it has not", async () => {
    const widget = { apiVersion: "example.com/v1", kind: "Widget", name: "w", namespace: "shop" };
    const groups = (...names: readonly string[]) => ({ groups: names.map((name) => ({ versions: [{ groupVersion: `${name}/v1` }] })) });
    const having = await serving({ "/api": [200, {}], "/api/v1": [200, core], "/apis": [200, groups("example.com")] });
    expect(await having.objects.absentObjects([widget], signal)).toEqual([]);
    const lacking = await serving({ "/api": [200, {}], "/api/v1": [200, core], "/apis": [200, groups("other.com")] });
    expect(await lacking.objects.absentObjects([widget], signal)).toEqual([widget]);
  });

  it("are not judged by a server that cannot answer", async () => {
    const { objects } = await serving({ "/api/v1": [200, core], "/api/v1/namespaces/shop/services/a": [500, status("InternalError")] });
    await expect(objects.absentObjects([service("a")], signal)).rejects.toMatchObject({ code: "CLUSTER_UNREACHABLE" });
  });

  it("are asked for one by one after one question for their API", async () => {
    const { objects, server } = await serving({ "/api/v1": [200, core] });
    const names = ["a", "b", "c"];
    await objects.absentObjects(names.map(service), signal);
    expect(server.requests.toSorted()).toEqual(["/api/v1", ...names.map((name) => `/api/v1/namespaces/shop/services/${name}`)]);
  });

  it("are asked for at most 8 at a time", async () => {
    let open = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    const server = await scriptedServer((request, response) => {
      if (request.url === "/api/v1") return json(response, 200, core);
      open += 1;
      most = Math.max(most, open);
      // The ninth would come while these eight are held.
      waiting.push(() => {
        open -= 1;
        json(response, 404, status("NotFound"));
      });
      if (open === 8)
        setImmediate(() => {
          for (const answer of waiting.splice(0)) answer();
        });
    });
    opened.push(server);
    const objects = createClusterObjects(new ApiClient(loadKubeConfig({ kubeconfig: server.kubeconfig() })));
    expect(
      await objects.absentObjects(
        Array.from({ length: 24 }, (_, index) => service(`s${index}`)),
        signal,
      ),
    ).toHaveLength(24);
    expect(most).toBe(8);
  });
});
