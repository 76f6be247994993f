import { describe, expect, test } from "vitest";
import { type KubernetesObject, objects, type Rendering, type Values } from "./render.ts";

const host = "migrate.client.example";
const withHost = (values: Values, apiVersions: readonly string[] = []): Rendering => ({
  values: { "ingress.host": host, ...values },
  apiVersions,
});

function found(rendering: Rendering, kind: string, name = "migrate-platform"): KubernetesObject {
  const one = objects(rendering).find((object) => object.kind === kind && object.metadata.name === name);
  if (one === undefined) throw new Error(`no ${kind} ${name}`);
  return one;
}
const annotations = (values: Values) => found(withHost(values), "Ingress").metadata.annotations;

const headers = {
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

describe("an Ingress", () => {
  test("leads /api to the backend and the rest to the frontend, with the host's certificate and the class given", () => {
    const path = (value: string, service: string) => ({
      path: value,
      pathType: "Prefix",
      backend: { service: { name: service, port: { name: "http" } } },
    });
    expect(found(withHost({ "ingress.className": "public" }), "Ingress")["spec"]).toEqual({
      ingressClassName: "public",
      tls: [{ secretName: "migrate-platform-tls", hosts: [host] }],
      rules: [{ host, http: { paths: [path("/api", "backend"), path("/", "frontend")] } }],
    });
  });

  test("of nginx redirects to TLS, limits to 100 requests a minute and 50 MiB, and a person's annotation wins", () => {
    expect(annotations({ "ingress.className": "nginx" })).toEqual({
      "nginx.ingress.kubernetes.io/ssl-redirect": "true",
      "nginx.ingress.kubernetes.io/force-ssl-redirect": "true",
      "nginx.ingress.kubernetes.io/proxy-body-size": "50m",
      "nginx.ingress.kubernetes.io/proxy-read-timeout": "300",
      "nginx.ingress.kubernetes.io/limit-rpm": "100",
    });
    const limit = "nginx.ingress.kubernetes.io/limit-rpm";
    expect(annotations({ [`ingress.annotations.${limit.replaceAll(".", "\\.")}`]: "7" })[limit]).toBe("7");
    expect(annotations({ "ingress.rateLimitPerMinute": 0 })).not.toHaveProperty(limit);
  });

  test("of nginx sets the headers only where its administrator lets Ingresses do that", () => {
    const values = { "ingress.nginx.customHeaders": true };
    expect(annotations(values)["nginx.ingress.kubernetes.io/custom-headers"]).toBe("client/ingress-headers");
    expect(found(withHost(values), "ConfigMap", "ingress-headers")["data"]).toEqual(headers);
    expect(objects(withHost({})).some(({ metadata }) => metadata.name === "ingress-headers")).toBe(false);
  });

  test("of HAProxy says the same in its own words", () => {
    const made = annotations({ "ingress.className": "haproxy" });
    expect(made).toMatchObject({
      "haproxy.org/ssl-redirect": "true",
      "haproxy.org/rate-limit-requests": "100",
      "haproxy.org/rate-limit-period": "1m",
      "haproxy.org/backend-config-snippet": "http-request deny deny_status 413 if { req.hdr_val(content-length) gt 52428800 }\n",
    });
    expect(made["haproxy.org/response-set-header"]?.trim().split("\n")).toEqual(
      Object.entries(headers).map(([name, value]) => `${name} "${value}"`),
    );
    expect(annotations({ "ingress.className": "haproxy", "ingress.maxBodySize": "0" })).not.toHaveProperty([
      "haproxy.org/backend-config-snippet",
    ]);
  });

  test("of a controller that the chart does not know carries a person's annotations alone", () => {
    expect(annotations({ "ingress.className": "traefik", "ingress.annotations.a": "b" })).toEqual({ a: "b" });
    expect(annotations({ "ingress.className": "traefik", "ingress.controller": "nginx" })).toHaveProperty([
      "nginx.ingress.kubernetes.io/ssl-redirect",
    ]);
  });
});

describe("the Gateway API", () => {
  const api = ["gateway.networking.k8s.io/v1"];
  const set = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const filters = [{ type: "ResponseHeaderModifier", responseHeaderModifier: { set } }];
  const rules = [
    { matches: [{ path: { type: "PathPrefix", value: "/api" } }], filters, backendRefs: [{ name: "backend", port: 8000 }] },
    { matches: [{ path: { type: "PathPrefix", value: "/" } }], filters, backendRefs: [{ name: "frontend", port: 8080 }] },
  ];
  const redirect = [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }] }];

  test("gets a Gateway of our own whose plain listener redirects", () => {
    const rendering = withHost({ "ingress.kind": "gateway", "ingress.className": "public" }, api);
    expect(found(rendering, "Gateway")["spec"]).toMatchObject({
      gatewayClassName: "public",
      listeners: [{ name: "http" }, { name: "https" }],
    });
    expect(found(rendering, "HTTPRoute")["spec"]).toEqual({
      parentRefs: [{ name: "migrate-platform", sectionName: "https" }],
      hostnames: [host],
      rules,
    });
    expect(found(rendering, "HTTPRoute", "migrate-platform-redirect")["spec"]).toEqual({
      parentRefs: [{ name: "migrate-platform", sectionName: "http" }],
      hostnames: [host],
      rules: redirect,
    });
  });

  test("attaches to a Gateway that is there, and redirects from its plain listener when that is named", () => {
    const values = { "ingress.kind": "gateway", "ingress.gateway.name": "shared", "ingress.gateway.namespace": "edge" };
    const plain = withHost(values, api);
    expect(objects(plain).filter(({ kind }) => kind === "Gateway")).toEqual([]);
    expect(objects(plain).filter(({ kind }) => kind === "HTTPRoute")).toHaveLength(1);
    expect(found(plain, "HTTPRoute")["spec"]).toMatchObject({ parentRefs: [{ name: "shared", namespace: "edge" }] });
    const both = withHost({ ...values, "ingress.gateway.sectionName": "websecure", "ingress.gateway.redirectSectionName": "web" }, api);
    expect(found(both, "HTTPRoute")["spec"]).toMatchObject({
      parentRefs: [{ name: "shared", namespace: "edge", sectionName: "websecure" }],
    });
    expect(found(both, "HTTPRoute", "migrate-platform-redirect")["spec"]).toMatchObject({
      parentRefs: [{ name: "shared", namespace: "edge", sectionName: "web" }],
      rules: redirect,
    });
  });
});

test("an OpenShift Route redirects, limits, and leaves HSTS to the router's own annotation", () => {
  const rendering = withHost({ "ingress.kind": "route" }, ["route.openshift.io/v1"]);
  for (const [name, service] of [
    ["migrate-platform", "frontend"],
    ["migrate-platform-api", "backend"],
  ] as const) {
    const route = found(rendering, "Route", name);
    expect(route.metadata.annotations).toMatchObject({
      "haproxy.router.openshift.io/hsts_header": "max-age=31536000;includeSubDomains",
      "haproxy.router.openshift.io/rate-limit-connections.rate-http": "100",
      "haproxy.router.openshift.io/timeout": "300s",
    });
    expect(route["spec"]).toMatchObject({
      to: { kind: "Service", name: service },
      tls: { termination: "edge", insecureEdgeTerminationPolicy: "Redirect", externalCertificate: { name: "migrate-platform-tls" } },
    });
    expect(JSON.stringify(route["spec"])).toContain("X-Frame-Options");
    expect(JSON.stringify(route["spec"])).not.toContain("Strict-Transport-Security");
  }
});
