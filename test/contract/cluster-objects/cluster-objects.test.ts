import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import { createClusterObjects } from "../../../src/adapters/kubernetes/objects.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { down, ensureToolchain, up } from "../../sandbox/index.ts";
import { describeReal, noCluster } from "../real.ts";
import { clusterObjectsContract, type World } from "./suite.ts";

const name = "objects-test";
const signal = new AbortController().signal;

async function fakeWorld(): Promise<World> {
  const objects = new FakeClusterObjects(new HeldClock());
  return {
    objects,
    place: async (namespace, secret, { labels, ...more }) =>
      objects.place(namespace, "Secret", secret, labels, { type: "Opaque", data: { a: "1" }, ...more }),
    uidOf: async (namespace, secret) => objects.uidOf(namespace, "Secret", secret),
    finalize: async (namespace, secret) => objects.finalize(namespace, "Secret", secret),
    endNamespace: async (namespace) => {
      const found = objects.namespaces.get(namespace);
      if (found !== undefined) found.terminating = true;
    },
  };
}

function realWorld(client: ApiClient): World {
  const send = (method: "POST" | "PATCH" | "DELETE", path: string, body: unknown, contentType = "application/json") =>
    client.request({ method, path, body, contentType, signal }, z.unknown());
  const secrets = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`;
  return {
    objects: createClusterObjects(client),
    async place(namespace, secret, { labels, finalizers, immutable }) {
      const metadata = { name: secret, labels, ...(finalizers === undefined ? {} : { finalizers }) };
      const body = { metadata, type: "Opaque", data: { a: "MQ==" }, ...(immutable === true ? { immutable } : {}) };
      await send("POST", secrets(namespace), body);
    },
    async uidOf(namespace, secret) {
      const schema = z.object({ metadata: z.object({ uid: z.string() }) });
      return (await client.request({ method: "GET", path: `${secrets(namespace)}/${secret}`, signal }, schema)).metadata.uid;
    },
    finalize: async (namespace, secret) =>
      void (await send("PATCH", `${secrets(namespace)}/${secret}`, { metadata: { finalizers: null } }, "application/merge-patch+json")),
    // Without a controller manager a namespace that is deleted stays, ending.
    endNamespace: async (namespace) => void (await send("DELETE", `/api/v1/namespaces/${namespace}`, {})),
  };
}

describe("the fake", () => {
  clusterObjectsContract(fakeWorld);

  it("can be made to stall: the call hangs until it is resumed, and is done then, or until its caller gives up", async () => {
    const objects = new FakeClusterObjects(new HeldClock());
    objects.stall("createNamespace");
    const patient = objects.createNamespace("shop", {}, signal);
    const cancel = new AbortController();
    const hasty = objects.createNamespace("other", {}, cancel.signal);
    expect(await objects.namespace("shop", signal)).toEqual({ kind: "absent" });
    cancel.abort(new Error("enough"));
    await expect(hasty).rejects.toThrow("enough");
    objects.resume();
    expect(await patient).toBe("created");
    expect([...objects.namespaces.keys()]).toEqual(["shop"]);
  });
});

describeReal("a real API server", noCluster, () => {
  let client: ApiClient;
  beforeAll(async () => {
    const toolchain = await ensureToolchain({ purposes: ["cluster"] });
    await down(name);
    const { kubeconfigs } = await up({ name, cpus: 2, mode: "control-plane", toolchain });
    client = new ApiClient(loadKubeConfig({ kubeconfig: kubeconfigs.admin }));
  }, 180_000);
  afterAll(() => down(name), 60_000);

  clusterObjectsContract(async () => realWorld(client));
});
