import { createHash } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createConnector } from "../../../src/adapters/registry/connector.ts";
import { digestOfHex } from "../../../src/domain/digest.ts";
import { failure } from "../../fakes/failure.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { always } from "../../fakes/made-bundle.ts";

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const content = Buffer.from("content of a layer");
const blob = {
  mediaType: "application/octet-stream",
  digest: digestOfHex(createHash("sha256").update(content).digest("hex")),
  size: content.length,
};

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

async function download(downloadsFrom: string): Promise<{ readonly text: string; readonly fake: FakeRegistry }> {
  const users = { u: { password: "p", push: true } };
  const fake = await FakeRegistry.start({ quirks: { downloadsFrom }, auth: { kind: "basic", users } });
  stops.push(() => fake.close());
  fake.store.keepBlob("a", blob.digest, content);
  const target = { host: fake.host, prefix: "", plainHttp: true, credentials: { username: "u", password: "p" } };
  const registry = createConnector().connect(target);
  try {
    let text = "";
    for await (const chunk of registry.blob("a", blob, always)) text += Buffer.from(chunk).toString();
    return { text, fake };
  } finally {
    registry.close();
  }
}

describe("a download that is redirected", () => {
  it("follows a relative address from the place that gave it, and shows the password to nobody else", async () => {
    const asked: (string | undefined)[] = [];
    const store = await serve((request, answer) => {
      asked.push(request.headers.authorization);
      if (request.url?.startsWith("/v2/")) answer.writeHead(302, { location: "../../../stored/layer" }).end();
      else if (request.url === "/stored/layer") answer.end(content);
      else answer.writeHead(404).end();
    });
    const { text } = await download(store);
    expect(text).toBe("content of a layer");
    expect(asked).toEqual([undefined, undefined]);
  });

  it("ends with what is missing when the other place does not have it", async () => {
    const store = await serve((_, answer) => answer.writeHead(404).end());
    expect((await failure(download(store))).code).toBe("IMAGE_SOURCE_MISSING");
  });
});
