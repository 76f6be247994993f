import { describe, expect, it } from "vitest";
import { known } from "../../../src/domain/reading.ts";
import { rootNeeds } from "../../../src/domain/rollout/dependencies.ts";
import { findCauses } from "../../../src/domain/rollout/find-causes.ts";
import { rows, viewLines } from "../../../src/domain/rollout/view.ts";
import type { Workload } from "../../../src/domain/rollout/workload.ts";
import { ago, complete, container, deployment, facts, job, podOf, ready, statefulSet, warning } from "../../fakes/rollout-objects.ts";

const postgres = statefulSet("postgres");
const pgbouncer = deployment("pgbouncer");
const backend = deployment("backend");
const migrations = job("migrations-1", { component: "migrations" });
const frontend = deployment("frontend", ready);

/** Postgres cannot be scheduled; the backend's probe fails because of it, and the migrations wait. */
const seen = facts({
  workloads: [backend, frontend, migrations, pgbouncer, postgres],
  pods: [
    podOf(postgres, {
      conditions: [
        { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes are available: 1 Insufficient memory." },
      ],
    }),
    podOf(backend, { phase: "Running" }),
    podOf(migrations, { phase: "Running", containers: [container({ phase: { kind: "running", since: ago(5) } })] }),
    podOf(pgbouncer, { containers: [container({ phase: { kind: "waiting", reason: "ErrImagePull", message: "manifest unknown" } })] }),
  ],
  events: known([warning("Pod", "backend-x2x4z", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")]),
});

describe("root and consequence", () => {
  it("puts what must be mended first, and shows what follows from it as such", () => {
    const cards = findCauses(seen, new Map());
    expect(cards.map((card) => [card.component, card.cause.kind, card.consequenceOf])).toEqual([
      ["postgres", "scheduling", []],
      ["pgbouncer", "image-pull", []],
      ["migrations", "waiting-for", ["postgres"]],
      ["backend", "probe", ["postgres"]],
    ]);
    expect(cards.at(-1)?.fix).toBe("Nothing here: it follows from postgres.");
  });

  it("waits for the migrations while they run and the database is up", () => {
    const up = {
      ...seen,
      workloads: [backend, migrations, { ...postgres, ...ready }, { ...pgbouncer, ...ready }],
      pods: seen.pods.filter((pod) => pod.component === "backend" || pod.component === "migrations"),
    };
    expect(findCauses(up, new Map()).map((card) => [card.component, card.consequenceOf])).toEqual([
      ["migrations", []],
      ["backend", ["migrations"]],
    ]);
  });

  it("makes a failing probe a root of its own once everything it needs is up", () => {
    const up = { ...seen, workloads: [backend, { ...migrations, ...complete }, { ...postgres, ...ready }, { ...pgbouncer, ...ready }] };
    expect(findCauses(up, new Map()).map((card) => [card.component, card.consequenceOf])).toEqual([["backend", []]]);
  });

  it("does not blame a dependency that serves with part of its replicas", () => {
    const partly = { ...seen, workloads: [backend, { ...pgbouncer, wanted: 2, ready: 1 }] };
    expect(findCauses(partly, new Map()).find((card) => card.component === "backend")?.consequenceOf).toEqual([]);
  });

  it("follows needs to the first one that is down", () => {
    expect(rootNeeds("backend", new Set(["postgres", "pgbouncer", "migrations"]))).toEqual(["postgres"]);
    expect(rootNeeds("backend", new Set(["pgbouncer", "redis"]))).toEqual(["pgbouncer", "redis"]);
    expect(rootNeeds("mcp-assessment-tools", new Set(["pgbouncer"]))).toEqual(["pgbouncer"]);
    expect(rootNeeds("frontend", new Set(["backend", "postgres"]))).toEqual([]);
  });
});

describe("the live table", () => {
  it("has a line per workload with aligned columns", () => {
    expect(viewLines(rows(seen, findCauses(seen, new Map())))).toEqual([
      "backend     0/1  waiting  for postgres",
      "frontend    1/1  ready",
      "migrations  0/1  waiting  for postgres",
      "pgbouncer   0/1  trouble  the registry does not have the image: registry.client.example/migrate-platform/backend:1.0.0",
      "postgres    0/1  trouble  no node takes the pod (1 of 1: Insufficient memory)",
    ]);
  });

  it("says of a job whose pod is at work that it runs, and of old pods how many still go", () => {
    const doing = (workload: Workload) => {
      const seen = facts({ workloads: [workload] });
      return findCauses(seen, new Map())[0]?.what;
    };
    expect(doing(job("migrations-1"))).toBe("it runs");
    expect(doing(deployment("backend", { existing: 3, updated: 1 }))).toBe("2 pods of the previous revision are going");
    expect(doing(deployment("backend", { existing: 2, updated: 1 }))).toBe("a pod of the previous revision is going");
    expect(doing(deployment("backend", { existing: 1, updated: 0 }))).toBe("pods of its new revision are being made");
    expect(doing(deployment("backend", { existing: 0, updated: 0 }))).toBe("its pods are being made");
  });

  it("leaves the jobs of CronJobs out, which no rollout waits for", () => {
    const nightly = job("backup-full-1", { cronJob: "backup-full" });
    expect(rows(facts({ workloads: [nightly] }), [])).toEqual([]);
  });
});
