import { describe, expect, it } from "vitest";
import { type ManagedFields, ownerOf } from "../../../src/domain/diff/managed-fields.ts";

/** A Deployment as kubectl get --show-managed-fields gives it: applied by helm, then scaled and edited. */
const live = {
  metadata: { finalizers: ["example.com/hold", "example.com/other"], labels: { "app.kubernetes.io/name": "backend" } },
  spec: {
    replicas: 5,
    template: {
      spec: {
        containers: [
          { name: "proxy", image: "r.example/proxy:1" },
          {
            name: "backend",
            image: "r.example/backend:2",
            args: ["--port", "80"],
            env: [{ name: "LOG_LEVEL", value: "debug" }],
            ports: [{ containerPort: 8080, protocol: "TCP", name: "web" }],
          },
        ],
        tolerations: [{ key: "a" }],
      },
    },
  },
};

const container = (fields: object) => ({ "f:spec": { "f:template": { "f:spec": { "f:containers": fields } } } });
const helm: ManagedFields = {
  manager: "helm",
  operation: "Apply",
  time: "2026-11-25T10:00:00Z",
  fields: {
    "f:metadata": { "f:labels": { "f:app.kubernetes.io/name": {} } },
    "f:spec": {
      "f:replicas": {},
      "f:template": {
        "f:spec": {
          "f:containers": {
            'k:{"name":"backend"}': {
              ".": {},
              "f:name": {},
              "f:image": {},
              "f:args": {},
              "f:env": { 'k:{"name":"LOG_LEVEL"}': { ".": {}, "f:name": {}, "f:value": {} } },
            },
            'k:{"name":"proxy"}': { ".": {}, "f:name": {}, "f:image": {} },
          },
          "f:tolerations": {},
        },
      },
    },
  },
};
const scaled: ManagedFields = {
  manager: "kubectl",
  operation: "Update",
  subresource: "scale",
  time: "2026-11-25T11:00:00Z",
  fields: { "f:spec": { "f:replicas": {} } },
};
const edited: ManagedFields = {
  manager: "kubectl-edit",
  operation: "Update",
  time: "2026-11-25T12:00:00Z",
  fields: {
    "f:metadata": { "f:finalizers": { ".": {}, 'v:"example.com/hold"': {} } },
    ...container({
      'k:{"name":"backend"}': {
        "f:env": { 'k:{"name":"LOG_LEVEL"}': { "f:value": {} } },
        "f:ports": { ".": {}, 'k:{"containerPort":8080,"protocol":"TCP"}': { ".": {}, "f:name": {} } },
      },
    }),
  },
};

const owner = (path: Parameters<typeof ownerOf>[0], entries: readonly ManagedFields[] = [helm, scaled, edited]) =>
  ownerOf(path, live, entries)?.manager;
const inBackend = (...rest: Parameters<typeof ownerOf>[0]) => ["spec", "template", "spec", "containers", { item: "backend" }, ...rest];

describe("the owner of a field", () => {
  it("is who set it last, with how and when; Helm only where nobody else did", () => {
    expect(ownerOf(["spec", "replicas"], live, [helm, scaled])).toEqual({
      manager: "kubectl",
      operation: "Update",
      subresource: "scale",
      time: "2026-11-25T11:00:00Z",
    });
    expect(owner(["spec", "replicas"], [scaled, { ...scaled, manager: "later", time: "2026-11-26T00:00:00Z" }])).toBe("later");
    expect(owner(inBackend("image"))).toBe("helm");
  });

  it("is found by the keys of list items, whatever their place", () => {
    expect(owner(inBackend("env", { item: "LOG_LEVEL" }, "value"))).toBe("kubectl-edit");
    expect(owner(inBackend("ports", { item: "8080/TCP" }, "name"))).toBe("kubectl-edit");
    expect(owner(["spec", "template", "spec", "containers", { item: "proxy" }, "image"])).toBe("helm");
  });

  it("is found by the values of sets", () => {
    expect(owner(["metadata", "finalizers", { item: "example.com/hold" }])).toBe("kubectl-edit");
    expect(owner(["metadata", "finalizers", { item: "example.com/other" }])).toBeUndefined();
    expect(owner(["metadata", "labels", "app.kubernetes.io/name"])).toBe("helm");
  });

  it("is the owner of the whole list where the list is taken as a whole", () => {
    expect(owner(inBackend("args", 1))).toBe("helm");
    expect(owner(["spec", "template", "spec", "tolerations", 0, "key"])).toBe("helm");
  });

  it("is found by the index where a manager's list goes by it", () => {
    const indexed: ManagedFields = { manager: "i", operation: "Update", fields: { "f:a": { "i:1": { "f:b": {} } } } };
    expect(ownerOf(["a", 1, "b"], { a: [{}, { b: 1 }] }, [indexed])?.manager).toBe("i");
    expect(ownerOf(["a", 0, "b"], { a: [{ b: 1 }] }, [indexed])).toBeUndefined();
  });

  it("is nobody where a field is not there, and where the entries are of no use", () => {
    expect(owner(["spec", "paused"])).toBeUndefined();
    expect(owner(inBackend("env", { item: "GONE" }))).toBeUndefined();
    for (const fields of [undefined, null, "x", {}, { "f:spec": "x" }, { "f:spec": { "k:{": {} } }])
      expect(owner(["spec", "replicas"], [{ manager: "m", operation: "Update", fields }])).toBeUndefined();
  });
});
