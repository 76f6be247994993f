import { createServer as createPlain } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createHttpProbe } from "../../../src/adapters/node/http-probe.ts";
import { proxiesOf } from "../../../src/adapters/node/proxies.ts";
import type { ProbeRequest } from "../../../src/ports/http-probe.ts";
import { createAuthority } from "../../fakes/certificates.ts";
import { type ConnectProxy, startConnectProxy } from "../../fakes/connect-proxy.ts";

const host = "platform.client.invalid";
const signal = new AbortController().signal;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function proxy(): Promise<ConnectProxy> {
  const started = await startConnectProxy();
  stops.push(() => started.close());
  return started;
}

/** An ingress: HTTPS for one name, and plain HTTP that redirects there. */
async function ingress() {
  const secure = createServer(createAuthority("CA").issue([host]), (request, answer) => answer.end(`page of ${request.headers.host}`));
  const plain = createPlain((request, answer) => answer.writeHead(308, { location: `https://${request.headers.host}/` }).end());
  for (const server of [secure, plain]) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stops.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
  }
  return { secure: (secure.address() as AddressInfo).port, plain: (plain.address() as AddressInfo).port };
}

const ask = (environment: Record<string, string>, request: Pick<ProbeRequest, "url" | "address">) =>
  createHttpProbe(proxiesOf(environment)).ask({ method: "GET", deadline: 5_000, ...request }, signal);

describe("a probe of the ingress behind a proxy", () => {
  it("goes through it, sees the ingress' own certificate, and asks by name", async () => {
    const { url, asked, lead } = await proxy();
    lead(`${host}:443`, (await ingress()).secure);
    const answer = await ask({ HTTPS_PROXY: url }, { url: `https://${host}/` });
    expect(answer).toMatchObject({ kind: "answered", body: `page of ${host}`, certificate: { names: [host] } });
    expect(asked).toEqual([`${host}:443`]);
  });

  it("lets the proxy connect to the address that is given in place of the name", async () => {
    const { url, asked, lead } = await proxy();
    lead("10.9.8.7:30443", (await ingress()).secure);
    const answer = await ask({ HTTPS_PROXY: url }, { url: `https://${host}/`, address: { host: "10.9.8.7", port: 30443 } });
    expect(answer).toMatchObject({ kind: "answered", body: `page of ${host}` });
    expect(asked).toEqual(["10.9.8.7:30443"]);
  });

  it.each(["node-1.invalid:30443", host])("leaves the proxy out when NO_PROXY names the address or the name: %s", async (exempt) => {
    const { url, asked } = await proxy();
    const request = { url: `https://${host}/`, address: { host: "node-1.invalid", port: 30443 } };
    expect(await ask({ HTTPS_PROXY: url, NO_PROXY: exempt }, request)).toEqual({
      kind: "failed",
      what: "node-1.invalid is not known to DNS",
    });
    expect(asked).toEqual([]);
  });

  it("asks plain HTTP by name, since a proxy cannot be told name and address", async () => {
    const { url, asked, lead } = await proxy();
    lead(`${host}:80`, (await ingress()).plain);
    const answer = await ask({ HTTP_PROXY: url }, { url: `http://${host}/`, address: { host: "10.9.8.7" } });
    expect(answer).toMatchObject({ kind: "answered", status: 308, headers: { location: `https://${host}/` } });
    expect(asked).toEqual([`http://${host}/`]);
  });

  it("tells the proxy that stands in the way", async () => {
    const { url } = await proxy();
    expect(await ask({ HTTPS_PROXY: url }, { url: `https://${host}/` })).toEqual({
      kind: "failed",
      what: expect.stringMatching(/^through the proxy http:\/\/127\.0\.0\.1:\d+: .*502/),
    });
  });
});
