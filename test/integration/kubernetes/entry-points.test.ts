import { afterEach, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import { createWorkloads } from "../../../src/adapters/kubernetes/workloads/workloads.ts";
import { manifests, type Values } from "../chart/render.ts";
import { json, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

const opened: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

interface ChartObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [part: string]: unknown;
}

const scope = { release: "platform", namespace: "client" };
const host = "migrate.client.example";

/** What the chart makes of these values, as the cluster would hold it. */
function rendered(apiVersion: string, values: Values): readonly ChartObject[] {
  return parseAllDocuments(manifests({ values: { "ingress.host": host, ...values }, apiVersions: [apiVersion] }))
    .map((document) => document.toJS() as ChartObject | null)
    .filter((object) => object !== null)
    .map((object) => ({ ...object, metadata: { namespace: scope.namespace, ...object.metadata } }));
}

/** Collections of the API, by the kind that they hold. */
const collections: Readonly<Record<string, string>> = {
  Ingress: "/apis/networking.k8s.io/v1/namespaces/client/ingresses",
  HTTPRoute: "/apis/gateway.networking.k8s.io/v1/namespaces/client/httproutes",
  Gateway: "/apis/gateway.networking.k8s.io/v1/namespaces/client/gateways",
  Route: "/apis/route.openshift.io/v1/namespaces/client/routes",
};

/** Reads the ways in from a cluster that serves these kinds and holds these objects. */
async function entryPoints(served: readonly string[], objects: readonly ChartObject[], forbidden: readonly string[] = []) {
  const server = await scriptedServer((request, response) => {
    const path = (request.url ?? "").replace(/\?.*/, "");
    const kind = Object.keys(collections).find((one) => path.startsWith(collections[one] ?? "?"));
    const refused = (status: number, reason: string) => json(response, status, { kind: "Status", reason, message: `${path} ${reason}` });
    if (kind === undefined || !served.includes(kind)) return refused(404, "NotFound");
    if (forbidden.includes(kind)) return refused(403, "Forbidden");
    const all = objects.filter((object) => object.kind === kind);
    if (path === collections[kind]) return json(response, 200, { items: all, metadata: {} });
    const found = all.find(({ metadata }) => path.endsWith(`/${metadata.name}`));
    return found === undefined ? refused(404, "NotFound") : json(response, 200, found);
  });
  opened.push(server);
  const client = new ApiClient(loadKubeConfig({ kubeconfig: server.kubeconfig() }));
  const reading = await createWorkloads(client, () => new Date(0)).entryPoints(scope, new AbortController().signal);
  return { reading, requests: server.requests };
}

const withStatus = (objects: readonly ChartObject[], kind: string, status: object) =>
  objects.map((object) => (object.kind === kind ? { ...object, status } : object));

describe("the ways into a release", () => {
  it("are its Ingress, on a cluster without other APIs", async () => {
    const objects = withStatus(rendered("v1", { "ingress.className": "nginx" }), "Ingress", {
      loadBalancer: { ingress: [{ ip: "10.0.0.7" }] },
    });
    const { reading, requests } = await entryPoints(["Ingress"], objects);
    expect(reading).toMatchObject({
      kind: "known",
      value: [{ kind: "Ingress", host, tls: true, className: "nginx", addresses: ["10.0.0.7"], paths: [{ path: "/api" }, { path: "/" }] }],
    });
    expect(requests.every((path) => path.includes("app.kubernetes.io%2Finstance%3Dplatform"))).toBe(true);
  });

  it("are its HTTPRoute, with address, class and certificate of the Gateway, and not the one that only redirects", async () => {
    const values = { "ingress.kind": "gateway", "ingress.className": "envoy" };
    const objects = rendered("gateway.networking.k8s.io/v1", values);
    const addressed = withStatus(objects, "Gateway", { addresses: [{ type: "IPAddress", value: "10.0.0.8" }] });
    expect(objects.filter(({ kind }) => kind === "HTTPRoute")).toHaveLength(2);
    const { reading } = await entryPoints(["Ingress", "HTTPRoute", "Gateway"], addressed);
    expect(reading).toEqual({
      kind: "known",
      value: [
        {
          kind: "HTTPRoute",
          name: "migrate-platform",
          host,
          tls: true,
          tlsSecret: expect.any(String),
          className: "envoy",
          addresses: ["10.0.0.8"],
          paths: [
            { path: "/api", service: "backend" },
            { path: "/", service: "frontend" },
          ],
        },
      ],
    });
  });

  it("are its HTTPRoute also where the Gateway is somebody else's and may not be read", async () => {
    const values = { "ingress.kind": "gateway", "ingress.gateway.name": "shared", "ingress.gateway.namespace": "infra" };
    const { reading } = await entryPoints(["HTTPRoute", "Gateway"], rendered("gateway.networking.k8s.io/v1", values), ["Gateway"]);
    expect(reading).toMatchObject({ kind: "known", value: [{ kind: "HTTPRoute", host, tls: true, addresses: [] }] });
    expect(reading.kind === "known" && Object.keys(reading.value[0] ?? {})).not.toContain("tlsSecret");
  });

  it("are its Routes on OpenShift, those of one host taken together", async () => {
    const status = { ingress: [{ host, routerCanonicalHostname: "router.apps.example" }] };
    const objects = withStatus(rendered("route.openshift.io/v1", { "ingress.kind": "route" }), "Route", status);
    const { reading } = await entryPoints(["Ingress", "Route"], objects);
    expect(reading).toEqual({
      kind: "known",
      value: [
        {
          kind: "Route",
          name: "migrate-platform",
          host,
          tls: true,
          tlsSecret: expect.any(String),
          addresses: ["router.apps.example"],
          paths: expect.arrayContaining([
            { path: "/", service: "frontend" },
            { path: "/api", service: "backend" },
          ]),
        },
      ],
    });
  });

  it("are known as far as they may be read, and denied when nothing may", async () => {
    const objects = rendered("v1", {});
    expect((await entryPoints(["Ingress", "Route"], objects, ["Route"])).reading.kind).toBe("known");
    expect((await entryPoints(["Ingress"], objects, ["Ingress"])).reading).toMatchObject({
      kind: "denied",
      verb: "list",
      resource: "ingresses.networking.k8s.io",
    });
    expect((await entryPoints(["Ingress"], [])).reading).toEqual({ kind: "known", value: [] });
  });
});
