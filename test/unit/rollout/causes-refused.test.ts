import { describe, expect, it } from "vitest";
import { known } from "../../../src/domain/reading.ts";
import { findCauses } from "../../../src/domain/rollout/find-causes.ts";
import { ago, deployment, facts, statefulSet, warning } from "../../fakes/rollout-objects.ts";

describe("pods that may not be made", () => {
  const none = { existing: 0, updated: 0 };

  it.each([
    [
      "quota",
      'pods "backend-5d9c7b-" is forbidden: exceeded quota: tenant, requested: requests.cpu=500m, used: requests.cpu=8, limited: requests.cpu=8',
    ],
    ["pod-security", 'pods "backend-5d9c7b-" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'],
    ["webhook", 'admission webhook "policy.client.example" denied the request: no owner label'],
    ["limit-range", 'pods "backend-5d9c7b-" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi'],
    [
      "service-account",
      'pods "backend-5d9c7b-" is forbidden: error looking up service account client-acme/backend: serviceaccount "backend" not found',
    ],
  ])("are refused by %s", (by, message) => {
    const workload = deployment("backend", none);
    const seen = facts({
      workloads: [workload],
      events: known([warning("ReplicaSet", "backend-5d9c7b", "FailedCreate", `Error creating: ${message}`)]),
    });
    expect(findCauses(seen, new Map())[0]?.cause).toEqual({ kind: "refused", by, message });
  });

  it("are told from the Deployment's condition when events may not be read", () => {
    const workload = deployment("backend", {
      ...none,
      conditions: [
        { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: 'pods "x" is forbidden: exceeded quota: tenant' },
      ],
    });
    const seen = facts({ workloads: [workload], events: { kind: "denied", verb: "list", resource: "events", message: "" } });
    expect(findCauses(seen, new Map())[0]?.cause).toMatchObject({ kind: "refused", by: "quota" });
  });

  it("are refused, too, while those of the revision before still run", () => {
    const workload = deployment("backend", {
      ready: 1,
      available: 1,
      existing: 1,
      updated: 0,
      replicaSets: ["backend-old", "backend-new"],
    });
    const events = known([
      warning("ReplicaSet", "backend-old", "SuccessfulCreate", "Created pod: backend-old-1", { at: ago(600), type: "Normal" }),
      warning("ReplicaSet", "backend-new", "FailedCreate", 'Error creating: pods "backend-new-1" is forbidden: exceeded quota: tenant'),
    ]);
    expect(findCauses(facts({ workloads: [workload], events }), new Map())[0]).toMatchObject({
      cause: { kind: "refused", by: "quota" },
      what: "the namespace's ResourceQuota leaves no room for the pods: exceeded quota: tenant",
    });
  });

  it("are refused by a webhook, or kept back by one that does not answer", () => {
    const what = (message: string) =>
      findCauses(
        facts({ workloads: [deployment("backend", none)], events: known([warning("Deployment", "backend", "FailedCreate", message)]) }),
        new Map(),
      )[0]?.what;
    expect(what('admission webhook "policy.client.example" denied the request: no owner')).toMatch(
      /^an admission webhook refuses the pods: /,
    );
    expect(what('Internal error occurred: failed calling webhook "policy.client.example": no endpoints available')).toMatch(
      /^an admission webhook that does not answer keeps the pods from being made: /,
    );
  });

  it("are told with every field that pod security names, however many", () => {
    const fields = Array.from({ length: 12 }, (_, index) => `field-${index} (container "main" must set securityContext.field-${index})`);
    const message = `pods "x" is forbidden: violates PodSecurity "restricted:latest": ${fields.join(", ")}`;
    const seen = facts({
      workloads: [deployment("backend", none)],
      events: known([warning("Deployment", "backend", "FailedCreate", message)]),
    });
    expect(findCauses(seen, new Map())[0]?.what).toContain("securityContext.field-11");
  });

  it("are forgotten once the controller has made a pod after all", () => {
    const workload = statefulSet("postgres", { wanted: 2, existing: 1 });
    const events = known([
      warning("StatefulSet", "postgres", "FailedCreate", "create Pod postgres-0 in StatefulSet postgres failed error: exceeded quota", {
        at: ago(30),
      }),
      warning("StatefulSet", "postgres", "SuccessfulCreate", "create Pod postgres-0 in StatefulSet postgres successful", {
        at: ago(9),
        type: "Normal",
      }),
    ]);
    expect(findCauses(facts({ workloads: [workload], events }), new Map())[0]?.cause.kind).toBe("progressing");
  });
});
