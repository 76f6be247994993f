import { describe, expect, it } from "vitest";
import { podLimits, podRequests } from "../../../src/domain/capacity/pod-requests.ts";
import { podSpecSchema } from "../../../src/domain/capacity/pod-spec.ts";
import { formatResources } from "../../../src/domain/capacity/resources.ts";

const container = (name: string, cpu: string, more: object = {}) => ({ name, resources: { requests: { cpu } }, ...more });
const held = (spec: object, defaults = {}) => formatResources(podRequests(podSpecSchema.parse(spec), defaults));

describe("podRequests", () => {
  it("adds up the containers", () => expect(held({ containers: [container("a", "250m"), container("b", "1")] })).toEqual({ cpu: "1250m" }));

  it("takes the largest init container when it asks for more than all containers", () =>
    expect(held({ containers: [container("a", "1")], initContainers: [container("i", "3"), container("j", "2")] })).toEqual({ cpu: "3" }));

  it("counts a sidecar beside the containers, and beside the init containers that come after it", () => {
    const sidecar = container("proxy", "500m", { restartPolicy: "Always" });
    expect(held({ containers: [container("a", "1")], initContainers: [sidecar] })).toEqual({ cpu: "1500m" });
    expect(held({ containers: [container("a", "1")], initContainers: [sidecar, container("i", "2")] })).toEqual({ cpu: "2500m" });
    expect(held({ containers: [container("a", "1")], initContainers: [container("i", "2"), sidecar] })).toEqual({ cpu: "2" });
  });

  it("puts the runtime's overhead on top", () =>
    expect(held({ containers: [container("a", "1")], overhead: { cpu: "250m", memory: "120Mi" } })).toEqual({
      cpu: "1250m",
      memory: "125829120",
    }));

  it("lets a request for the whole pod replace the sum of its containers", () =>
    expect(held({ containers: [container("a", "1"), container("b", "1")], resources: { requests: { cpu: "3" } } })).toEqual({ cpu: "3" }));

  it("takes a limit without a request as the request, before the namespace's default", () => {
    expect(held({ containers: [{ name: "a", resources: { limits: { memory: "1Gi" } } }] }, { cpu: "100m", memory: "64Mi" })).toEqual({
      cpu: "100m",
      memory: "1073741824",
    });
  });

  it("counts quantities that YAML gives as numbers", () =>
    expect(held({ containers: [{ name: "a", resources: { requests: { cpu: 1.5 } } }] })).toEqual({ cpu: "1500m" }));

  it("holds nothing for a pod that asks for nothing", () => expect(held({ containers: [{ name: "a" }] })).toEqual({}));

  it("refuses what is no quantity", () => expect(podSpecSchema.safeParse({ containers: [container("a", "1 core")] }).success).toBe(false));
});

describe("podLimits", () => {
  it("takes the larger of what runs together and each step of the start", () => {
    const limit = (name: string, cpu: string, more: object = {}) => ({ name, resources: { limits: { cpu } }, ...more });
    const spec = podSpecSchema.parse({
      containers: [limit("a", "1")],
      initContainers: [limit("s", "1", { restartPolicy: "Always" }), limit("i", "5")],
    });
    expect(formatResources(podLimits(spec))).toEqual({ cpu: "5" });
  });
});
