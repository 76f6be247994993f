import type { V1Ingress } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { renderNginx } from "./nginx-config.ts";
import { type IngressWorld, routeSettings, virtualHosts } from "./virtual-hosts.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const ingress = (annotations: Readonly<Record<string, string>> = {}, name = "platform"): V1Ingress => ({
  metadata: { name, namespace: "client", annotations },
  spec: {
    ingressClassName: "nginx",
    tls: [{ hosts: ["migrate.client.example"], secretName: "platform-tls" }],
    rules: [
      {
        host: "migrate.client.example",
        http: {
          paths: [
            { path: "/api", pathType: "Prefix", backend: { service: { name: "backend", port: { name: "http" } } } },
            { path: "/", pathType: "Prefix", backend: { service: { name: "gone", port: { number: 80 } } } },
          ],
        },
      },
    ],
  },
});

const world = (...ingresses: readonly V1Ingress[]): IngressWorld => ({
  ingresses,
  services: [{ metadata: { name: "backend", namespace: "client" }, spec: { ports: [{ name: "http", port: 80 }] } }],
  endpointSlices: [
    {
      metadata: { name: "backend-1", namespace: "client", labels: { "kubernetes.io/service-name": "backend" } },
      addressType: "IPv4",
      ports: [{ name: "http", port: 8000 }],
      endpoints: [
        { addresses: ["10.0.0.5"], conditions: { ready: true } },
        { addresses: ["10.0.0.4"], conditions: { ready: true } },
        { addresses: ["10.0.0.6"], conditions: { ready: false } },
      ],
    },
  ],
  secrets: [{ metadata: { name: "platform-tls", namespace: "client" }, data: { "tls.crt": base64("CERT"), "tls.key": base64("KEY") } }],
});

describe("Ingress objects", () => {
  it("become hosts with the ready pods of their services behind each path", () => {
    const [host] = virtualHosts(world(ingress())).hosts;
    expect(host?.host).toBe("migrate.client.example");
    expect(host?.routes.map(({ path, endpoints }) => [path, endpoints])).toEqual([
      ["/api", ["10.0.0.4:8000", "10.0.0.5:8000"]],
      ["/", []],
    ]);
  });

  it("bring the certificate of their secret", () => {
    const { hosts, files } = virtualHosts(world(ingress()));
    expect(hosts[0]?.certificate?.certFile).toBe("/etc/ingress/tls/client_platform-tls.crt");
    expect(files).toEqual({ "tls/client_platform-tls.crt": "CERT", "tls/client_platform-tls.key": "KEY" });
  });

  it("get the controller's own certificate while their secret is missing", () => {
    const { hosts, files } = virtualHosts({ ...world(ingress()), secrets: [] });
    expect(hosts[0]?.certificate).toBeUndefined();
    expect(files).toEqual({});
  });

  it("cannot take over a path that another one has", () => {
    const { hosts } = virtualHosts(world(ingress({}, "first"), ingress({}, "second")));
    expect(hosts[0]?.routes).toHaveLength(2);
  });
});

describe("annotations", () => {
  const prefixed = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]));

  it("default to a redirect for hosts with TLS, bodies of one megabyte and no limit of requests", () => {
    expect(routeSettings({}, true)).toMatchObject({ sslRedirect: true, bodySize: "1m", requestsPerMinute: undefined });
    expect(routeSettings({}, false)).toMatchObject({ sslRedirect: false });
  });

  it("set the size of bodies, the limit of requests, timeouts, and switch the redirect off", () => {
    const settings = routeSettings(
      prefixed({ "proxy-body-size": "50m", "limit-rpm": "100", "proxy-read-timeout": "1800", "ssl-redirect": "false" }),
      true,
    );
    expect(settings).toMatchObject({ sslRedirect: false, bodySize: "50m", requestsPerMinute: 100, readTimeout: 1800 });
  });

  it("cannot smuggle nginx directives in", () => {
    expect(routeSettings(prefixed({ "proxy-body-size": "1m; return 200" }), false).bodySize).toBe("1m");
  });
});

describe("nginx's configuration", () => {
  it("answers hosts that nobody claims with 404", () => {
    expect(renderNginx([])).toMatch(/server_name _;[\s\S]*return 404;/);
  });

  it("answers 503 for a service without ready pods, redirects to https and passes on with the limit asked for", () => {
    const annotations = { "nginx.ingress.kubernetes.io/limit-rpm": "100" };
    const text = renderNginx(virtualHosts(world(ingress(annotations))).hosts);
    expect(text).toContain("return 503;");
    expect(text).toContain("if ($scheme = http) { return 308 https://$host$request_uri; }");
    expect(text).toContain("rate=100r/m;");
    expect(text).toContain("burst=500 nodelay;");
    expect(text).toContain("server 10.0.0.4:8000 max_fails=0;");
  });
});
