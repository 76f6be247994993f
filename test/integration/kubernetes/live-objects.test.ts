import { afterEach, describe, expect, it } from "vitest";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import { createLiveObjects } from "../../../src/adapters/kubernetes/live-objects/live-objects.ts";
import { json, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

const signal = new AbortController().signal;
const opened: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

const core = { resources: [{ name: "services", kind: "Service", namespaced: true }] };
const status = (reason: string) => ({ kind: "Status", reason, message: reason });
const service = (name: string) => ({ apiVersion: "v1", kind: "Service", name, namespace: "shop" });

/** What is read from an API server that gives these answers by path; 404 for any other. */
async function read(answers: Readonly<Record<string, readonly [number, unknown]>>, ...objects: readonly ReturnType<typeof service>[]) {
  const server = await scriptedServer((request, response) => {
    const [code, body] = answers[request.url ?? ""] ?? [404, status("NotFound")];
    json(response, code, body);
  });
  opened.push(server);
  return createLiveObjects(new ApiClient(loadKubeConfig({ kubeconfig: server.kubeconfig() }))).read(objects, signal);
}

describe("whole objects that are read", () => {
  it("come with who owns their fields, in the order in which they were asked for", async () => {
    const owner = { manager: "helm", operation: "Apply", time: "2026-11-25T03:00:00Z" };
    const managedFields = [{ ...owner, apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { "f:spec": {} } }];
    const found = { kind: "Service", metadata: { name: "b", managedFields }, spec: { type: "ClusterIP" } };
    const answers = { "/api/v1": [200, core], "/api/v1/namespaces/shop/services/b": [200, found] } as const;
    expect(await read(answers, service("a"), service("b"))).toEqual([
      { kind: "known", value: undefined },
      {
        kind: "known",
        value: { body: { ...found, metadata: { name: "b" } }, managedFields: [{ ...owner, fields: { "f:spec": {} } }] },
      },
    ]);
  });

  it("are unknown when they may not be read or there is no answer, which is told of each of them alone", async () => {
    const answers = {
      "/api/v1": [200, core],
      "/api/v1/namespaces/shop/services/denied": [403, status("Forbidden")],
      "/api/v1/namespaces/shop/services/broken": [500, status("InternalError")],
    } as const;
    expect(await read(answers, service("denied"), service("broken"), service("gone"))).toMatchObject([
      { kind: "denied", verb: "get", resource: "services" },
      { kind: "unavailable" },
      { kind: "known", value: undefined },
    ]);
    expect(await read({ "/api/v1": [403, status("Forbidden")] }, service("a"))).toMatchObject([{ kind: "denied", resource: "v1" }]);
  });

  it("are not looked for any further when the credentials are refused", async () => {
    const answers = { "/api/v1": [200, core], "/api/v1/namespaces/shop/services/a": [401, status("Unauthorized")] } as const;
    await expect(read(answers, service("a"))).rejects.toMatchObject({ code: "CLUSTER_UNAUTHORIZED" });
  });
});
