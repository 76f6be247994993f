import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/domain/errors/problem.ts";
import type { Discovery } from "../../../src/domain/facts/facts.ts";
import { inServedApis, removedApis } from "../../../src/domain/upgrade/removed-apis.ts";
import { mappingHelm } from "../../../src/workflow/release/mapping-helm.ts";
import { failure } from "../../fakes/failure.ts";
import { FakeHelm } from "../../fakes/fake-helm.ts";
import { FakeReleaseRecords } from "../../fakes/fake-release-records.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";

const signal = new AbortController().signal;

/** Kubernetes 1.34, as far as the tests ask. */
const discovery: Discovery = {
  served: [
    { groupVersion: "v1", kinds: ["ConfigMap", "Service"] },
    { groupVersion: "apps/v1", kinds: ["Deployment"] },
    { groupVersion: "autoscaling/v1", kinds: ["HorizontalPodAutoscaler"] },
    { groupVersion: "autoscaling/v2", kinds: ["HorizontalPodAutoscaler"] },
    { groupVersion: "networking.k8s.io/v1", kinds: ["Ingress", "NetworkPolicy"] },
    // Served again, for other kinds than it was once removed for.
    { groupVersion: "networking.k8s.io/v1beta1", kinds: ["IPAddress"] },
    { groupVersion: "policy/v1", kinds: ["PodDisruptionBudget"] },
    { groupVersion: "gateway.networking.k8s.io/v1beta1", kinds: ["HTTPRoute"] },
    { groupVersion: "gateway.networking.k8s.io/v1", kinds: ["HTTPRoute"] },
  ],
  broken: ["metrics.k8s.io/v1beta1", "silent.example/v1"],
};

const object = (apiVersion: string, kind: string, name: string) =>
  `---\n# Source: platform/templates/${name}.yaml\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n`;
const settings = `${object("v1", "ConfigMap", "settings")}data:\n  text: |\n    ---\n    apiVersion: policy/v1beta1\n    kind: PodDisruptionBudget\n`;

describe("APIs that a cluster serves no more", () => {
  it.each([
    ["policy/v1beta1", "PodDisruptionBudget", "policy/v1"],
    ["autoscaling/v2beta2", "HorizontalPodAutoscaler", "autoscaling/v2"],
    ["networking.k8s.io/v1beta1", "Ingress", "networking.k8s.io/v1"],
    ["extensions/v1beta1", "Ingress", "networking.k8s.io/v1"],
    ["extensions/v1beta1", "Deployment", "apps/v1"],
    ["gateway.networking.k8s.io/v1alpha2", "HTTPRoute", "gateway.networking.k8s.io/v1"],
    ["policy/v1beta1", "PodSecurityPolicy", undefined],
    ["gone.example/v1", "Gone", undefined],
  ])("are told with what came after them: %s %s", (apiVersion, kind, successor) => {
    const manifests = object(apiVersion, kind, "a") + settings + object(apiVersion, kind, "b");
    expect(removedApis(manifests, discovery)).toEqual([{ apiVersion, kind, successor, names: ["a", "b"] }]);
    const written = inServedApis(manifests, discovery);
    const left = successor === undefined ? "" : object(successor, kind, "a");
    expect(written).toBe(left + settings + left.replaceAll(/(?<=\/|: )a\b(?=\.yaml|\n)/g, "b"));
    expect(removedApis(written, discovery)).toEqual([]);
  });

  it("are none where all are served, or where what serves them does not answer", () => {
    const manifests = settings + object("apps/v1", "Deployment", "web") + object("silent.example/v1", "Odd", "x");
    expect(removedApis(manifests, discovery)).toEqual([]);
    expect(inServedApis(manifests, discovery)).toBe(manifests);
  });

  it("leave no object out whose group may serve it in a version that does not answer", () => {
    expect(removedApis(object("silent.example/v1beta1", "Odd", "x"), discovery)).toMatchObject([{ successor: "silent.example/v1" }]);
  });

  it("are refused where the text does not show the object", () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n  - { apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: { name: a } }\n`;
    expect(() => inServedApis(list, discovery)).toThrow("policy/v1beta1 PodDisruptionBudget (a), now policy/v1 cannot be found");
  });
});

describe("helm on a cluster that was upgraded", () => {
  const old = object("policy/v1beta1", "PodDisruptionBudget", "web");
  const now = object("policy/v1", "PodDisruptionBudget", "web");
  const render = { release: "r", namespace: "ns", chart: "c", values: "", kubeVersion: "v1.34.4", apiVersions: [] };
  const rig = (...manifests: readonly string[]) => {
    const [records, progress, helm] = [new FakeReleaseRecords(), new RecordingProgress(), new FakeHelm(() => now)];
    const clock = new HeldClock();
    records.discovery = discovery;
    for (const one of manifests) records.add("deployed", one);
    return { records, progress, helm, clock, mapped: mappingHelm({ helm, records, progress, clock }) };
  };

  it("finds the revision that it starts from in APIs that are served, and older ones as they were", async () => {
    const { records, progress, mapped } = rig(old, old);
    await mapped.apply(render, signal);
    expect([...records.kept.values()].map(({ manifests }) => manifests)).toEqual([old, now]);
    expect(progress.events).toEqual([{ kind: "note", text: expect.stringContaining("revision 2 of r") }]);
    await mapped.apply(render, signal);
    expect(records.written).toEqual([2]);
  });

  it("starts from what was deployed last, and looks at a failed revision after it, too", async () => {
    const { records, mapped } = rig(old);
    records.add("failed", old);
    await mapped.apply(render, signal);
    expect(records.written).toEqual([1, 2]);
  });

  it("finds the revision that it goes back to, too", async () => {
    const { records, helm, mapped } = rig(old, old, old);
    await helm.apply(render);
    await mapped.rollback("r", "ns", 1, signal);
    expect(records.written).toEqual([3, 1]);
  });

  it("takes a release down", async () => {
    const { records, mapped } = rig(old);
    await mapped.uninstall("r", "ns", signal);
    expect(records.written).toEqual([1]);
  });

  it("leaves no object out that is served a moment later, as after a start of the API server", async () => {
    const monitor = object("monitoring.coreos.com/v1", "ServiceMonitor", "backend");
    const { records, clock, mapped } = rig(monitor);
    const late = { groupVersion: "monitoring.coreos.com/v1", kinds: ["ServiceMonitor"] };
    void clock.pause(12_000, signal).then(() => (records.discovery = { ...discovery, served: [...discovery.served, late] }));
    await clock.during(mapped.apply(render, signal));
    expect([...records.kept.values()].map(({ manifests }) => manifests)).toEqual([monitor]);
    const gone = rig(monitor + now);
    await gone.clock.during(gone.mapped.apply(render, signal));
    expect([...gone.records.kept.values()].map(({ manifests }) => manifests)).toEqual([now]);
  });

  it("begins anew when somebody else writes in between, and not for ever", async () => {
    const { records, mapped } = rig(old);
    records.rivals = 2;
    await mapped.apply(render, signal);
    expect(records.written).toEqual([1]);
    const other = rig(old);
    other.records.rivals = 100;
    const problem = (await failure(other.mapped.apply(render, signal))) as Problem;
    expect(problem).toMatchObject({ code: "HELM_REMOVED_APIS", fix: expect.stringContaining("helm mapkubeapis r --namespace ns") });
    expect(other.helm.applied).toEqual([]);
  });

  it("says so where the record cannot be rewritten, and does not begin", async () => {
    const { helm, mapped } = rig("apiVersion: v1\nkind: List\nitems:\n  - { apiVersion: policy/v1beta1, kind: PodDisruptionBudget }\n");
    expect(await failure(mapped.apply(render, signal))).toMatchObject({ code: "HELM_REMOVED_APIS" });
    expect(helm.applied).toEqual([]);
  });
});
