import { describe, expect, it } from "vitest";
import type { ClusterObjects, Labels, LeaseHolder, NewSecret } from "../../../src/ports/cluster-objects.ts";

const signal = new AbortController().signal;
const labels = { "app.kubernetes.io/managed-by": "migratectl", "app.kubernetes.io/instance": "shop" };
const holder = (run: string): LeaseHolder => ({
  user: "anna",
  host: "jump-1",
  pid: 4711,
  run,
  machine: "boot/pid:[1]",
  processStart: "1000",
});

/** A cluster, and what others than migratectl do to it. */
export interface World {
  readonly objects: ClusterObjects;
  /** Makes a Secret with the key `a`, as somebody by hand or another program would. */
  place(namespace: string, secret: string, more: Placed): Promise<void>;
  /** The uid of a Secret. */
  uidOf(namespace: string, secret: string): Promise<string>;
  /** Takes the finalizers of a Secret away, as the controller that set them does in the end. */
  finalize(namespace: string, secret: string): Promise<void>;
  /** Asks for the end of a namespace, which takes its time. */
  endNamespace(namespace: string): Promise<void>;
}

interface Placed {
  readonly labels: Labels;
  readonly immutable?: boolean;
  readonly finalizers?: readonly string[];
}

/** What every implementation of ClusterObjects does; each test works in a namespace of its own. */
export function clusterObjectsContract(start: () => Promise<World>): void {
  let count = 0;
  const fresh = async () => {
    const world = await start();
    const namespace = `objects-${++count}`;
    await world.objects.createNamespace(namespace, labels, signal);
    return { ...world, namespace };
  };
  const make = async () => (await start()).objects;

  describe("namespaces", () => {
    it("are absent until made, and made once", async () => {
      const objects = await make();
      expect(await objects.namespace("made-once", signal)).toEqual({ kind: "absent" });
      expect(await objects.createNamespace("made-once", { "pod-security.kubernetes.io/enforce": "restricted" }, signal)).toBe("created");
      expect(await objects.createNamespace("made-once", {}, signal)).toBe("exists");
      expect(await objects.namespace("made-once", signal)).toMatchObject({
        kind: "present",
        namespace: { terminating: false, podSecurity: "restricted" },
      });
    });

    it("tell one cluster from another", async () => {
      const { objects, namespace } = await fresh();
      const uid = await objects.clusterUid(namespace, signal);
      expect(uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(await objects.clusterUid("elsewhere", signal)).toBe(uid);
      expect(await objects.userName(signal)).not.toBe("");
    });
  });

  describe("Secrets", () => {
    it("are made once, and an existing one is left as it is", async () => {
      const { objects, namespace } = await fresh();
      const secret = { name: "app-secrets", type: "Opaque", labels, values: { "secret-key": "first ü" } } as const;
      expect(await objects.readSecret(namespace, "app-secrets", signal)).toBeUndefined();
      expect(await objects.createSecret(namespace, secret, signal)).toBe("created");
      expect(await objects.createSecret(namespace, { ...secret, values: { "secret-key": "second" } }, signal)).toBe("exists");
      expect(await objects.readSecret(namespace, "app-secrets", signal)).toEqual({ "secret-key": "first ü" });
    });

    it("get the keys that they lack and keep those they have", async () => {
      const { objects, namespace } = await fresh();
      await objects.createSecret(namespace, { name: "s", type: "Opaque", labels, values: { a: "1" } }, signal);
      expect(await objects.addSecretKeys(namespace, "s", { a: "other", b: "2" }, signal)).toEqual(["b"]);
      expect(await objects.addSecretKeys(namespace, "s", { a: "other", b: "other" }, signal)).toEqual([]);
      expect(await objects.readSecret(namespace, "s", signal)).toEqual({ a: "1", b: "2" });
    });

    it("that follow what a person gives are replaced, but never one of another type", async () => {
      const { objects, namespace } = await fresh();
      const docker = (text: string) =>
        ({ name: "pull", type: "kubernetes.io/dockerconfigjson", labels, values: { ".dockerconfigjson": text } }) as const;
      await objects.setSecret(namespace, docker('{"auths":{}}'), signal);
      await objects.setSecret(namespace, docker('{"auths":{"r":{}}}'), signal);
      expect(await objects.readSecret(namespace, "pull", signal)).toEqual({ ".dockerconfigjson": '{"auths":{"r":{}}}' });
      await objects.createSecret(namespace, { name: "taken", type: "Opaque", labels, values: {} }, signal);
      await expect(objects.setSecret(namespace, { ...docker("{}"), name: "taken" }, signal)).rejects.toMatchObject({
        code: "SECRET_TAMPERED",
      });
    });

    it("of somebody else are neither taken for ours, completed nor overwritten", async () => {
      const { objects, namespace, place } = await fresh();
      const others: Readonly<Record<string, Labels>> = {
        unlabelled: {},
        "by-hand": { "app.kubernetes.io/instance": "shop" },
        "another-release": { ...labels, "app.kubernetes.io/instance": "other" },
        "another-tool": { ...labels, "app.kubernetes.io/managed-by": "terraform" },
      };
      for (const [secret, owner] of Object.entries(others)) {
        await place(namespace, secret, { labels: owner });
        const ours: NewSecret = { name: secret, type: "Opaque", labels, values: { a: "ours", b: "ours" } };
        const refused = { code: "SECRET_TAMPERED" };
        await expect(objects.createSecret(namespace, ours, signal), secret).rejects.toMatchObject(refused);
        await expect(objects.setSecret(namespace, ours, signal), secret).rejects.toMatchObject(refused);
        expect(await objects.readSecret(namespace, secret, signal)).toEqual({ a: "1" });
      }
      for (const secret of ["unlabelled", "by-hand", "another-tool"])
        await expect(objects.addSecretKeys(namespace, secret, { b: "ours" }, signal), secret).rejects.toMatchObject({
          code: "SECRET_TAMPERED",
        });
    });

    it("that the release's own chart made when helm was run alone are the release's", async () => {
      const { objects, namespace, place } = await fresh();
      await place(namespace, "app-secrets", { labels: { ...labels, "app.kubernetes.io/managed-by": "Helm" } });
      const ours: NewSecret = { name: "app-secrets", type: "Opaque", labels, values: { a: "ours", b: "2" } };
      expect(await objects.createSecret(namespace, ours, signal)).toBe("exists");
      expect(await objects.addSecretKeys(namespace, "app-secrets", ours.values, signal)).toEqual(["b"]);
      expect(await objects.readSecret(namespace, "app-secrets", signal)).toEqual({ a: "1", b: "2" });
    });

    it("that are immutable are refused where they would have to be changed", async () => {
      const { objects, namespace, place } = await fresh();
      await place(namespace, "sealed", { labels, immutable: true });
      const ours: NewSecret = { name: "sealed", type: "Opaque", labels, values: { a: "1", b: "2" } };
      expect(await objects.createSecret(namespace, ours, signal)).toBe("exists");
      expect(await objects.addSecretKeys(namespace, "sealed", { a: "other" }, signal)).toEqual([]);
      await expect(objects.addSecretKeys(namespace, "sealed", { b: "2" }, signal)).rejects.toMatchObject({ code: "SECRET_TAMPERED" });
      await expect(objects.setSecret(namespace, ours, signal)).rejects.toMatchObject({ code: "SECRET_TAMPERED" });
    });

    it("of a type need what that type is made of", async () => {
      const { objects, namespace } = await fresh();
      const tls: NewSecret = { name: "tls", type: "kubernetes.io/tls", labels, values: { "tls.crt": "x" } };
      await expect(objects.createSecret(namespace, tls, signal)).rejects.toMatchObject({ code: "CLUSTER_REFUSED" });
      await expect(objects.setSecret(namespace, tls, signal)).rejects.toMatchObject({ code: "CLUSTER_REFUSED" });
    });

    it("cannot be made in a namespace that does not exist", async () => {
      const objects = await make();
      await expect(objects.createSecret("nowhere", { name: "s", type: "Opaque", labels, values: {} }, signal)).rejects.toMatchObject({
        code: "CLUSTER_REFUSED",
      });
    });
  });

  describe("documents", () => {
    it("are written only over the version that was read", async () => {
      const { objects, namespace } = await fresh();
      const write = (data: Readonly<Record<string, string>>, version: string | undefined) =>
        objects.writeDocument(namespace, "journal", data, labels, version, signal);
      expect(await objects.readDocument(namespace, "journal", signal)).toBeUndefined();
      const first = await write({ a: "1" }, undefined);
      expect(first).toMatchObject({ kind: "written" });
      expect(await write({ a: "2" }, undefined)).toEqual({ kind: "conflict" });
      const read = await objects.readDocument(namespace, "journal", signal);
      expect(read).toEqual({ value: { a: "1" }, version: first.kind === "written" ? first.version : "" });
      expect(await write({ b: "3" }, read?.version)).toMatchObject({ kind: "written" });
      expect(await write({ b: "4" }, read?.version)).toEqual({ kind: "conflict" });
      expect((await objects.readDocument(namespace, "journal", signal))?.value).toEqual({ b: "3" });
    });

    it("of which two are written at once, one wins", async () => {
      const { objects, namespace } = await fresh();
      const results = await Promise.all(
        ["1", "2", "3", "4"].map((text) => objects.writeDocument(namespace, "race", { text }, labels, undefined, signal)),
      );
      expect(results.map(({ kind }) => kind).sort()).toEqual(["conflict", "conflict", "conflict", "written"]);
    });

    it("have nowhere to go without a namespace, and are gone once deleted", async () => {
      const { objects, namespace } = await fresh();
      expect(await objects.writeDocument("nowhere", "journal", {}, labels, undefined, signal)).toEqual({ kind: "no-namespace" });
      const written = await objects.writeDocument(namespace, "journal", { a: "1" }, labels, undefined, signal);
      await objects.deleteDocument(namespace, "journal", signal);
      await objects.deleteDocument(namespace, "journal", signal);
      expect(await objects.readDocument(namespace, "journal", signal)).toBeUndefined();
      expect(
        await objects.writeDocument(namespace, "journal", {}, labels, written.kind === "written" ? written.version : "", signal),
      ).toEqual({ kind: "conflict" });
    });
  });

  describe("the Lease", () => {
    it("is taken by one, renewed by its version, and given back only by that", async () => {
      const { objects, namespace } = await fresh();
      const { lease: none, now } = await objects.readLease(namespace, "migratectl", signal);
      expect(none).toBeUndefined();
      const claim = (run: string) => ({ holder: holder(run), acquiredAt: now, durationSeconds: 30 });
      const taken = await objects.writeLease(namespace, "migratectl", claim("one"), undefined, signal);
      expect(await objects.writeLease(namespace, "migratectl", claim("two"), undefined, signal)).toEqual({ kind: "conflict" });
      const seen = await objects.readLease(namespace, "migratectl", signal);
      expect(seen.lease).toMatchObject({ holder: holder("one"), durationSeconds: 30 });
      expect(Math.abs(seen.now.getTime() - (seen.lease?.renewedAt.getTime() ?? 0))).toBeLessThan(5_000);
      const version = taken.kind === "written" ? taken.version : "";
      expect(await objects.writeLease(namespace, "migratectl", claim("one"), version, signal)).toMatchObject({ kind: "written" });
      await objects.deleteLease(namespace, "migratectl", version, signal);
      const still = (await objects.readLease(namespace, "migratectl", signal)).lease;
      expect(still?.holder.run).toBe("one");
      await objects.deleteLease(namespace, "migratectl", still?.version ?? "", signal);
      expect((await objects.readLease(namespace, "migratectl", signal)).lease).toBeUndefined();
    });

    it("has nowhere to be without a namespace", async () => {
      const objects = await make();
      expect(
        await objects.writeLease(
          "nowhere",
          "migratectl",
          { holder: holder("one"), acquiredAt: new Date(0), durationSeconds: 30 },
          undefined,
          signal,
        ),
      ).toEqual({ kind: "no-namespace" });
    });
  });

  describe("objects by label", () => {
    it("are listed when they carry all labels, and gone once deleted", async () => {
      const { objects, namespace } = await fresh();
      for (const secret of ["b", "a"]) await objects.createSecret(namespace, { name: secret, type: "Opaque", labels, values: {} }, signal);
      await objects.createSecret(
        namespace,
        { name: "other", type: "Opaque", labels: { "app.kubernetes.io/instance": "other" }, values: {} },
        signal,
      );
      expect((await objects.listLabelled(namespace, "Secret", labels, signal)).map((one) => one.name)).toEqual(["a", "b"]);
      await objects.deleteObject(namespace, "Secret", "a", signal);
      await objects.deleteObject(namespace, "Secret", "a", signal);
      expect((await objects.listLabelled(namespace, "Secret", labels, signal)).map((one) => one.name)).toEqual(["b"]);
      expect(await objects.listLabelled("nowhere", "Pod", labels, signal)).toEqual([]);
    });

    it("are deleted exactly: one that was made anew under the name of another stays", async () => {
      const { objects, namespace, uidOf } = await fresh();
      const make = () => objects.createSecret(namespace, { name: "a", type: "Opaque", labels, values: {} }, signal);
      await make();
      const uid = await uidOf(namespace, "a");
      expect(await objects.deleteExactly(namespace, "Secret", { name: "a", uid }, signal)).toBe("deleted");
      expect(await objects.deleteExactly(namespace, "Secret", { name: "a", uid }, signal)).toBe("gone");
      await make();
      expect(await objects.deleteExactly(namespace, "Secret", { name: "a", uid }, signal)).toBe("gone");
      expect((await objects.listLabelled(namespace, "Secret", labels, signal)).map((one) => one.name)).toEqual(["a"]);
    });

    it("stay until what holds them lets go", async () => {
      const { objects, namespace, place, finalize } = await fresh();
      await place(namespace, "held", { labels, finalizers: ["example.com/keep"] });
      await objects.deleteObject(namespace, "Secret", "held", signal);
      expect(await objects.listLabelled(namespace, "Secret", labels, signal)).toEqual([
        { kind: "Secret", name: "held", finalizers: ["example.com/keep"] },
      ]);
      await finalize(namespace, "held");
      expect(await objects.listLabelled(namespace, "Secret", labels, signal)).toEqual([]);
    });
  });

  describe("objects of any kind", () => {
    const of = (apiVersion: string, kind: string, name: string, namespace: string) => ({ apiVersion, kind, name, namespace });

    it("that are not there are told, in their order", async () => {
      const { objects, namespace, place } = await fresh();
      await place(namespace, "kept", { labels });
      await objects.writeDocument(namespace, "kept", {}, labels, undefined, signal);
      const there = [of("v1", "Secret", "kept", namespace), of("v1", "ConfigMap", "kept", namespace)];
      const absent = [
        of("v1", "Secret", "gone", namespace),
        of("apps/v1", "Deployment", "kept", namespace),
        of("v1", "Secret", "kept", "nowhere"),
        of("v1", "Service", "kept", namespace),
      ];
      expect(await objects.absentObjects([...absent.slice(0, 2), ...there, ...absent.slice(2)], signal)).toEqual(absent);
      expect(await objects.absentObjects(there, signal)).toEqual([]);
      expect(await objects.absentObjects([], signal)).toEqual([]);
      await objects.deleteObject(namespace, "Secret", "kept", signal);
      expect(await objects.absentObjects(there, signal)).toEqual([there[0]]);
    });

    it("are looked for in their namespace only when their kind has one", async () => {
      const { objects, namespace } = await fresh();
      expect(await objects.absentObjects([of("v1", "Namespace", namespace, "nowhere")], signal)).toEqual([]);
    });

    it("are there while what holds them has not let go", async () => {
      const { objects, namespace, place, finalize } = await fresh();
      const held = of("v1", "Secret", "held", namespace);
      await place(namespace, "held", { labels, finalizers: ["example.com/keep"] });
      await objects.deleteObject(namespace, "Secret", "held", signal);
      expect(await objects.absentObjects([held], signal)).toEqual([]);
      await finalize(namespace, "held");
      expect(await objects.absentObjects([held], signal)).toEqual([held]);
    });

    it("are not there when nobody serves their API", async () => {
      const { objects, namespace } = await fresh();
      const unserved = [of("widgets.example.com/v1", "Widget", "w", namespace), of("v1", "Widget", "w", namespace)];
      expect(await objects.absentObjects(unserved, signal)).toEqual(unserved);
    });
  });

  describe("a namespace that is ending", () => {
    it("is seen as such, and takes nothing new", async () => {
      const { objects, namespace, endNamespace } = await fresh();
      await endNamespace(namespace);
      expect(await objects.namespace(namespace, signal)).toMatchObject({ kind: "present", namespace: { terminating: true } });
      expect(await objects.createNamespace(namespace, {}, signal)).toBe("exists");
      const secret: NewSecret = { name: "s", type: "Opaque", labels, values: {} };
      const claim = { holder: holder("one"), acquiredAt: new Date(0), durationSeconds: 30 };
      const attempts = [
        () => objects.createSecret(namespace, secret, signal),
        () => objects.setSecret(namespace, secret, signal),
        () => objects.writeDocument(namespace, "journal", {}, labels, undefined, signal),
        () => objects.writeLease(namespace, "migratectl", claim, undefined, signal),
      ];
      for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "INSTALL_NAMESPACE_TERMINATING" });
    });
  });

  describe("a caller who has given up", () => {
    const secret: NewSecret = { name: "s", type: "Opaque", labels, values: { a: "1" } };
    const claim = { holder: holder("one"), acquiredAt: new Date(0), durationSeconds: 30 };
    const calls: Readonly<
      Record<keyof ClusterObjects, (objects: ClusterObjects, namespace: string, gone: AbortSignal) => Promise<unknown>>
    > = {
      clusterUid: (objects, namespace, gone) => objects.clusterUid(namespace, gone),
      userName: (objects, _, gone) => objects.userName(gone),
      namespace: (objects, namespace, gone) => objects.namespace(namespace, gone),
      createNamespace: (objects, namespace, gone) => objects.createNamespace(`${namespace}-more`, labels, gone),
      readSecret: (objects, namespace, gone) => objects.readSecret(namespace, "s", gone),
      createSecret: (objects, namespace, gone) => objects.createSecret(namespace, secret, gone),
      addSecretKeys: (objects, namespace, gone) => objects.addSecretKeys(namespace, "kept", { b: "2" }, gone),
      setSecret: (objects, namespace, gone) => objects.setSecret(namespace, secret, gone),
      readDocument: (objects, namespace, gone) => objects.readDocument(namespace, "journal", gone),
      writeDocument: (objects, namespace, gone) => objects.writeDocument(namespace, "journal", {}, labels, undefined, gone),
      deleteDocument: (objects, namespace, gone) => objects.deleteDocument(namespace, "kept", gone),
      readLease: (objects, namespace, gone) => objects.readLease(namespace, "migratectl", gone),
      writeLease: (objects, namespace, gone) => objects.writeLease(namespace, "migratectl", claim, undefined, gone),
      deleteLease: (objects, namespace, gone) => objects.deleteLease(namespace, "migratectl", "1", gone),
      listLabelled: (objects, namespace, gone) => objects.listLabelled(namespace, "Secret", labels, gone),
      deleteObject: (objects, namespace, gone) => objects.deleteObject(namespace, "Secret", "kept", gone),
      deleteExactly: async (objects, namespace, gone) => objects.deleteExactly(namespace, "Secret", { name: "kept", uid: "u" }, gone),
      absentObjects: (objects, namespace, gone) =>
        objects.absentObjects([{ apiVersion: "v1", kind: "Secret", name: "kept", namespace }], gone),
    };

    it.each(Object.entries(calls))("gets the reason from %s, and nothing done", async (_, call) => {
      const { objects, namespace } = await fresh();
      await objects.createSecret(namespace, { ...secret, name: "kept" }, signal);
      await objects.writeDocument(namespace, "kept", { a: "1" }, labels, undefined, signal);
      const reason = new Error("stopped by Ctrl-C");
      await expect(call(objects, namespace, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(await objects.readSecret(namespace, "kept", signal)).toEqual({ a: "1" });
      expect((await objects.listLabelled(namespace, "Secret", labels, signal)).map(({ name }) => name)).toEqual(["kept"]);
      expect((await objects.listLabelled(namespace, "ConfigMap", labels, signal)).map(({ name }) => name)).toEqual(["kept"]);
      expect((await objects.readLease(namespace, "migratectl", signal)).lease).toBeUndefined();
      expect(await objects.namespace(`${namespace}-more`, signal)).toEqual({ kind: "absent" });
    });
  });
}
