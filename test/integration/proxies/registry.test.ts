import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { proxiesOf } from "../../../src/adapters/node/proxies.ts";
import { createConnector, createReader } from "../../../src/adapters/registry/connector.ts";
import type { RegistryTarget } from "../../../src/ports/registry.ts";
import { push } from "../../../src/workflow/bundle/push.ts";
import { planPush } from "../../../src/workflow/bundle/push-plan.ts";
import { createAuthority } from "../../fakes/certificates.ts";
import { type ConnectProxy, type ProxyManners, startConnectProxy } from "../../fakes/connect-proxy.ts";
import { failure } from "../../fakes/failure.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { always, makeBundle } from "../../fakes/made-bundle.ts";
import { startSocksProxy } from "../../fakes/socks-proxy.ts";

/** No name server knows it: whoever reaches it has been led there by a proxy. */
const host = "registry.client.invalid:5000";
const policy = { tries: 2, firstPause: 5, longestPause: 5, longestRetryAfter: 5 };
const limits = { silence: 500, answer: 500 };
const users = { push: { password: "correct horse", push: true } };

const stops: (() => Promise<unknown>)[] = [];
let registry: FakeRegistry;
let target: RegistryTarget;

beforeEach(async () => {
  const authority = createAuthority("The client's CA");
  registry = await FakeRegistry.start({ tls: authority.issue(["registry.client.invalid"]), auth: { kind: "bearer", users } });
  const credentials = { username: "push", password: "correct horse" };
  target = { host, prefix: "team", plainHttp: false, caPem: authority.pem, credentials };
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await registry.close();
});

async function proxy(manners: ProxyManners = {}): Promise<ConnectProxy> {
  const started = await startConnectProxy(manners);
  started.lead(host, registry.port);
  stops.push(() => started.close());
  return started;
}

const connect = (environment: Record<string, string>, to: RegistryTarget = target) =>
  createConnector({ policy, limits, proxies: proxiesOf(environment) }).connect(to);

async function refusedPing(environment: Record<string, string>) {
  const conversation = connect(environment);
  const problem = await failure(conversation.ping(always));
  conversation.close();
  return problem;
}

describe("a registry behind a proxy", () => {
  it("gets a whole bundle through it, tokens and all, over connections that are kept", async () => {
    const made = await makeBundle({ seed: 3 });
    const { url, asked } = await proxy();
    const bundle = await made.open();
    const conversation = connect({ HTTPS_PROXY: url });
    const plan = await planPush(bundle, conversation, target, always);
    const { sentBytes } = await push(plan, bundle, conversation, () => undefined, always);
    conversation.close();
    await bundle.close();
    made.remove();
    expect(sentBytes).toBe(plan.bytes);
    expect(new Set(asked)).toEqual(new Set([host]));
    expect(asked.length).toBeLessThan(registry.requests.length / 2);
  });

  it("is found usable by the probe", async () => {
    const { url } = await proxy();
    expect(await createReader(proxiesOf({ https_proxy: url })).probe(target, always)).toMatchObject({ kind: "usable" });
  });

  it("is reached through a proxy that wants a password, which no error tells", async () => {
    const { url } = await proxy({ login: "anna:pa:ss wörd" });
    const withLogin = (login: string) => url.replace("//", `//${login}@`);
    const conversation = connect({ HTTPS_PROXY: withLogin(`anna:${encodeURIComponent("pa:ss wörd")}`) });
    await conversation.ping(always);
    conversation.close();
    const problem = await refusedPing({ HTTPS_PROXY: withLogin("anna:s3cret") });
    expect(problem).toMatchObject({ code: "REGISTRY_UNREACHABLE", why: expect.stringContaining("password") });
    expect(problem.message).toContain(`through the proxy ${url}`);
    expect(JSON.stringify([problem.message, problem.fix, problem.why, String((problem.cause as Error).stack)])).not.toContain("s3cret");
  });

  it("is asked directly where NO_PROXY says so", async () => {
    const { url, asked } = await proxy();
    expect((await refusedPing({ HTTPS_PROXY: url, NO_PROXY: "10.0.0.0/8,client.invalid:5000" })).message).toContain("does not resolve");
    expect(asked).toEqual([]);
    await connect({ HTTPS_PROXY: url, NO_PROXY: "client.invalid:443" }).ping(always);
    expect(asked).toEqual([host]);
  });

  it("is told apart from a proxy that forbids the way, does not find it, is not there, or says nothing", async () => {
    const forbidden = await proxy({ refuses: 403 });
    expect((await refusedPing({ HTTPS_PROXY: forbidden.url })).message).toMatch(/through the proxy .*: the proxy answered 403/);
    expect(forbidden.asked).toHaveLength(1);
    const lost = await startConnectProxy();
    stops.push(() => lost.close());
    expect((await refusedPing({ HTTPS_PROXY: lost.url })).message).toMatch(/the proxy answered 502/);
    expect(lost.asked.length).toBeGreaterThan(1);
    await lost.close();
    stops.pop();
    expect((await refusedPing({ HTTPS_PROXY: lost.url })).message).toMatch(
      /through the proxy http:\/\/127\.0\.0\.1:\d+\): nothing listens there/,
    );
    const silent = await proxy({ stalls: true });
    expect((await refusedPing({ HTTPS_PROXY: silent.url })).code).toBe("REGISTRY_UNREACHABLE");
  });

  it("does not pass for trusted because the proxy is", async () => {
    const { url } = await proxy();
    const { caPem: _, ...stranger } = target;
    const conversation = connect({ HTTPS_PROXY: url }, stranger);
    expect((await failure(conversation.ping(always))).code).toBe("REGISTRY_UNTRUSTED");
    conversation.close();
  });

  it("of plain HTTP is asked with whole URLs, through HTTP_PROXY only", async () => {
    const plain = await FakeRegistry.start({ auth: { kind: "basic", users } });
    stops.push(() => plain.close());
    const { url, asked, lead } = await proxy();
    lead(host, plain.port);
    const conversation = connect({ HTTP_PROXY: url, HTTPS_PROXY: "http://127.0.0.1:1" }, { ...target, plainHttp: true });
    await conversation.ping(always);
    conversation.close();
    expect(asked[0]).toBe(`http://${host}/v2/`);
    expect(plain.requests[0]?.path).toBe("/v2/");
  });

  it("is reached through SOCKS", async () => {
    const socks = await startSocksProxy();
    stops.push(() => socks.close());
    socks.lead(host, registry.port);
    const conversation = connect({ HTTPS_PROXY: socks.url });
    await conversation.ping(always);
    conversation.close();
    expect(socks.asked).toEqual([host]);
  });

  it("is not asked at all when the proxy's address is none", async () => {
    const problem = await refusedPing({ HTTPS_PROXY: "ftp://anna:s3cret@proxy.example" });
    expect([problem.code, problem.message]).toEqual(["PROXY_INVALID", "HTTPS_PROXY is …@proxy.example"]);
  });
});
