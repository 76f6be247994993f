import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createConnector, createReader } from "../../../src/adapters/registry/connector.ts";
import { catalogue } from "../../../src/domain/errors/catalogue.ts";
import { Problem } from "../../../src/domain/errors/problem.ts";
import type { RegistryReading, RegistryTarget } from "../../../src/ports/registry.ts";
import { createAuthority, type TestAuthority } from "../../fakes/certificates.ts";
import { startDockerRegistry } from "../../fakes/docker-registry.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { always } from "../../fakes/made-bundle.ts";
import type { FakeAuth } from "../../fakes/registry/login.ts";
import type { Quirks } from "../../fakes/registry/quirks.ts";

const users = { push: { password: "correct horse", push: true }, reader: { password: "look only", push: false } };
const credentials = { username: "push", password: "correct horse" };
const stops: (() => Promise<unknown>)[] = [];
let authority: TestAuthority;

beforeAll(() => {
  authority = createAuthority("The client's CA");
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function start(
  options: {
    readonly quirks?: Partial<Quirks>;
    readonly auth?: FakeAuth;
    readonly names?: readonly string[];
    readonly days?: number;
    readonly plain?: boolean;
  } = {},
): Promise<RegistryTarget> {
  const tls = options.plain === true ? {} : { tls: authority.issue(options.names ?? ["localhost"], options.days) };
  const registry = await FakeRegistry.start({ auth: options.auth ?? { kind: "basic", users }, quirks: options.quirks ?? {}, ...tls });
  stops.push(() => registry.close());
  return { host: registry.host, prefix: "team/x", plainHttp: options.plain === true, caPem: authority.pem, credentials };
}

function probe(target: RegistryTarget): Promise<RegistryReading> {
  return createReader().probe(target, always);
}

/** A refusal carries the catalogue's fix, and never the password. */
async function expectRefused(target: RegistryTarget, code: keyof typeof catalogue): Promise<void> {
  const reading = await probe(target);
  expect(reading).toMatchObject({ kind: "refused", code, fix: catalogue[code].fix });
  expect(JSON.stringify(reading)).not.toContain(target.credentials?.password ?? "no password");
  expect(catalogue[code].exit).toBe("transfer");
}

describe("the probe of a registry", () => {
  it("finds one usable, and tells until when its certificate holds", async () => {
    expect(await probe(await start())).toMatchObject({
      kind: "usable",
      writable: true,
      certificateNotAfter: expect.stringMatching(/^\d{4}-/),
    });
  });

  it("tells an unknown CA", async () => {
    const { caPem: _, ...target } = await start();
    await expectRefused(target, "REGISTRY_UNTRUSTED");
  });

  it("tells an expired certificate", async () => {
    await expectRefused(await start({ days: -1 }), "REGISTRY_CERTIFICATE_EXPIRED");
  });

  it("tells a certificate for another name", async () => {
    await expectRefused(await start({ names: ["elsewhere.example"] }), "REGISTRY_CERTIFICATE_NAME");
  });

  it.each(["basic", "bearer"] as const)("tells a wrong password (%s)", async (kind) => {
    await expectRefused(
      { ...(await start({ auth: { kind, users } })), credentials: { username: "push", password: "wrong-secret" } },
      "REGISTRY_UNAUTHORIZED",
    );
  });

  it.each(["basic", "bearer"] as const)("tells an account that may only read (%s)", async (kind) => {
    await expectRefused(
      { ...(await start({ auth: { kind, users } })), credentials: { username: "reader", password: "look only" } },
      "REGISTRY_DENIED",
    );
  });

  it("tells a web page that answers everything with 200", async () => {
    await expectRefused(await start({ quirks: { webPage: true } }), "REGISTRY_NOT_A_REGISTRY");
  });

  it("tells TLS spoken to a registry of plain HTTP", async () => {
    await expectRefused({ ...(await start({ plain: true })), plainHttp: false }, "REGISTRY_EXPECTS_HTTP");
  });

  it("tells plain HTTP spoken to a TLS port, of Node's kind and of Go's kind", async () => {
    await expectRefused({ ...(await start()), plainHttp: true }, "REGISTRY_EXPECTS_TLS");
    const real = await startDockerRegistry();
    stops.push(real.stop);
    await expectRefused({ host: real.host, prefix: "", plainHttp: true }, "REGISTRY_EXPECTS_TLS");
  });

  it("tells a port on which nothing listens, and a name that does not resolve", async () => {
    const server: Server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expectRefused({ host: `127.0.0.1:${port}`, prefix: "", plainHttp: true }, "REGISTRY_UNREACHABLE");
    await expectRefused({ host: "registry.invalid", prefix: "", plainHttp: false }, "REGISTRY_UNREACHABLE");
  });

  it("tells a registry that wants the password sent in the clear, and does not send it", async () => {
    const listener = await FakeRegistry.start();
    stops.push(() => listener.close());
    const server = createTlsServer(
      authority.issue(["localhost"]),
      (_request, answer) =>
        void answer.writeHead(401, { "www-authenticate": `Bearer realm="http://${listener.host}/token",service="x"` }).end(),
    );
    stops.push(async () => server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = `localhost:${(server.address() as AddressInfo).port}`;
    await expectRefused({ host, prefix: "", plainHttp: false, caPem: authority.pem, credentials }, "REGISTRY_LOCATION_REFUSED");
    expect(listener.requests).toEqual([]);
  });

  it("is not started with a CA file that holds no certificate", () => {
    const target = { host: "r.example", prefix: "", plainHttp: false, caPem: "not a certificate" };
    expect(() => createConnector().connect(target)).toThrow(expect.objectContaining({ code: "REGISTRY_CA_INVALID" }));
    expect(() => createConnector().connect({ ...target, caPem: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" })).toThrow(
      Problem,
    );
  });

  it("leaves no upload session behind", async () => {
    const registry = await FakeRegistry.start();
    stops.push(() => registry.close());
    await probe({ host: registry.host, prefix: "", plainHttp: true });
    expect(registry.store.uploads.size).toBe(0);
    expect(registry.requests.some(({ method, status }) => method === "DELETE" && status === 204)).toBe(true);
  });
});
