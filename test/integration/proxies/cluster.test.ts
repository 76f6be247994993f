import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:https";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { createHelm } from "../../../src/adapters/helm/helm.ts";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { openConnection } from "../../../src/adapters/kubernetes/connection.ts";
import { createTunnels } from "../../../src/adapters/kubernetes/tunnel/tunnel.ts";
import { createHttpProbe } from "../../../src/adapters/node/http-probe.ts";
import { proxiesOf } from "../../../src/adapters/node/proxies.ts";
import { describeReal, missing } from "../../contract/real.ts";
import { createAuthority, type TestAuthority } from "../../fakes/certificates.ts";
import { type ConnectProxy, type ProxyManners, startConnectProxy } from "../../fakes/connect-proxy.ts";
import { failure } from "../../fakes/failure.ts";
import { startSocksProxy } from "../../fakes/socks-proxy.ts";

const name = "api.client.invalid";
const place = `${name}:6443`;
const signal = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), "migratectl-proxied-"));
const stops: (() => Promise<unknown>)[] = [];
let authority: TestAuthority;
let server: Server;
let port = 0;
/** Paths that the API server was asked for. */
let asked: string[] = [];

beforeAll(() => {
  authority = createAuthority("cluster CA");
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  asked = [];
  server = createServer(authority.issue([name]), (request, answer) => {
    asked.push(request.url ?? "");
    answer.writeHead(200, { "content-type": "application/json" }).end('{"kind":"SecretList","apiVersion":"v1","items":[],"metadata":{}}');
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v4.channel.k8s.io" });
  server.on("upgrade", (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (peer: { send(data: Buffer): void }) => {
      for (const channel of [0, 1]) peer.send(Buffer.from([channel, 0x40, 0x1f]));
      peer.send(Buffer.concat([Buffer.from([0]), Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi")]));
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function proxy(manners: ProxyManners = {}): Promise<ConnectProxy> {
  const started = await startConnectProxy(manners);
  started.lead(place, port);
  stops.push(() => started.close());
  return started;
}

function open(cluster: object = {}) {
  const path = join(folder, "config");
  const ca = Buffer.from(authority.pem).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "prod",
    contexts: [{ name: "prod", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server: `https://${place}`, "certificate-authority-data": ca, ...cluster } }],
    users: [{ name: "u", user: { token: "t" } }],
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return openConnection({ kubeconfig: path });
}

const get = (environment: Record<string, string>, cluster: object = {}) =>
  new ApiClient(open(cluster).config, proxiesOf(environment)).request({ method: "GET", path: "/api/v1/secrets", signal }, z.unknown());

describe("an API server behind a proxy", () => {
  it("is asked through the proxy of the environment, over a connection that is kept", async () => {
    const { url, asked: targets } = await proxy();
    const client = new ApiClient(open().config, proxiesOf({ HTTPS_PROXY: url }));
    for (let count = 0; count < 3; count += 1) await client.request({ method: "GET", path: "/api", signal }, z.unknown());
    expect(targets).toEqual([place]);
    expect(asked).toEqual(["/api", "/api", "/api"]);
  });

  it("is asked through the kubeconfig's own proxy-url first, by HTTP or SOCKS", async () => {
    const { url, asked: targets } = await proxy();
    await get({ HTTPS_PROXY: "http://127.0.0.1:1" }, { "proxy-url": url });
    expect(targets).toEqual([place]);
    const socks = await startSocksProxy();
    stops.push(() => socks.close());
    socks.lead(place, port);
    await get({ HTTPS_PROXY: url }, { "proxy-url": socks.url });
    expect(socks.asked).toEqual([place]);
    expect((await failure(get({}, { "proxy-url": "ldap://x" }))).code).toBe("KUBECONFIG_INVALID");
  });

  it("is asked directly where NO_PROXY says so", async () => {
    const { url, asked: targets } = await proxy();
    expect((await failure(get({ HTTPS_PROXY: url, NO_PROXY: ".client.invalid" }))).message).toContain("host name is not known");
    expect(targets).toEqual([]);
  });

  it("is told apart from the proxy before it", async () => {
    const { url } = await proxy({ login: "anna:pw" });
    const problem = await failure(get({ HTTPS_PROXY: url }));
    expect([problem.code, problem.message]).toEqual(["CLUSTER_UNREACHABLE", expect.stringContaining("the proxy answered 407")]);
    expect((await failure(get({ HTTPS_PROXY: "http://127.0.0.1:1" }))).message).toMatch(
      /through the proxy http:\/\/127\.0\.0\.1:1\).*refused/,
    );
  });

  it("lets tunnels to pods go through, too", async () => {
    const { url, asked: targets } = await proxy();
    const tunnels = createTunnels(open().config, proxiesOf({ HTTPS_PROXY: url }));
    const via = tunnels.to({ namespace: "ns", pod: "backend-0", port: 8000 });
    const answer = await createHttpProbe().ask({ method: "GET", url: "http://backend-0/", via, deadline: 5_000 }, signal);
    expect(answer).toMatchObject({ kind: "answered", status: 200, body: "hi" });
    expect(targets).toEqual([place]);
  });
});

describeReal("the real helm and migratectl", missing("helm"), () => {
  it.each([
    [{}, 1],
    [{ NO_PROXY: "10.0.0.0/8,client.invalid:443" }, 1],
    [{ NO_PROXY: "other.invalid,client.invalid" }, 0],
  ])("go the same way with %j", async (more, through) => {
    const { url, asked: targets } = await proxy();
    const environment = { ...process.env, HOME: folder, HTTPS_PROXY: url, ...more };
    const helm = createHelm({ environment, connection: open().connection });
    const looking = helm.find("r", "ns", signal);
    if (through === 1) expect(await looking).toBeUndefined();
    else await failure(looking);
    const byHelm = targets.splice(0);
    await get({ HTTPS_PROXY: url, ...more }).catch(() => undefined);
    expect(new Set(byHelm)).toEqual(new Set(targets));
    expect(targets).toHaveLength(through);
  });
});
