import { describe, expect, test } from "vitest";
import { violations, workload, workloads } from "./pods.ts";
import { everything, lint, objects, profiles, registry } from "./render.ts";

describe.each(profiles)("profile %s", (profile) => {
  const rendering = { values: { profile } };

  test("passes helm lint --strict", () => {
    const { status, stdout, stderr } = lint(rendering);
    expect(`${stdout}${stderr}`).toContain("0 chart(s) failed");
    expect(status).toBe(0);
  });

  test("every pod keeps Pod Security restricted", () => {
    const broken = workloads(objects(rendering)).flatMap((one) => violations(one).map((complaint) => `${one.name}: ${complaint}`));
    expect(broken).toEqual([]);
  });

  test("every container has requests and limits of CPU and memory", () => {
    const without = workloads(objects(rendering)).flatMap(({ name, template }) =>
      template.spec.containers.flatMap(({ name: container, resources }) =>
        ["cpu", "memory"]
          .filter((resource) => resources.requests[resource] === undefined || resources.limits[resource] === undefined)
          .map((resource) => `${name}/${container} ${resource}`),
      ),
    );
    expect(without).toEqual([]);
  });

  test("every container that serves has start, live and ready probes", () => {
    const without = workloads(objects(rendering)).flatMap(({ name, template }) =>
      template.spec.containers
        .filter((container) => container.ports.length > 0)
        .filter(({ startupProbe, livenessProbe, readinessProbe }) => !(startupProbe && livenessProbe && readinessProbe))
        .map((container) => `${name}/${container.name}`),
    );
    expect(without).toEqual([]);
  });

  test("every image is below the given registry", () => {
    const images = workloads(objects(rendering)).flatMap(({ template }) => template.spec.containers.map(({ image }) => image));
    expect(images.filter((image) => !image.startsWith(`${registry}/`))).toEqual([]);
  });

  test("every workload has a ServiceAccount of its own that mounts no token", () => {
    const all = workloads(objects(rendering));
    const accounts = all.map(({ template }) => template.spec.serviceAccountName);
    const shared = accounts.filter((account, index) => accounts.indexOf(account) !== index && account !== "backup");
    expect(shared).toEqual([]);
    const made = objects(rendering).filter(({ kind }) => kind === "ServiceAccount");
    expect(made.map(({ metadata }) => metadata.name).sort()).toEqual([...new Set(accounts)].sort());
    expect(made.every((account) => account["automountServiceAccountToken"] === false)).toBe(true);
  });
});

test("with everything switched on every pod still keeps Pod Security restricted", () => {
  expect(workloads(objects(everything)).flatMap(violations)).toEqual([]);
});

test("on OpenShift no user or group id is fixed", () => {
  const pods = workloads(objects({ values: { profile: "standard", "openshift.enabled": true } }));
  const text = JSON.stringify(pods.map(({ template }) => template));
  expect(text).not.toMatch(/runAsUser|runAsGroup|fsGroup/);
  expect(pods.flatMap(violations)).toEqual([]);
});

test("elsewhere each image runs as the user of the contract", () => {
  const all = objects({ values: { profile: "standard" } });
  const user = (name: string) => workload(all, name).template.spec.securityContext.runAsUser;
  expect(["frontend", "backend", "mcp-assessment-tools", "postgres", "postgres-replica", "redis", "pgbouncer"].map(user)).toEqual([
    10001, 10001, 10001, 10002, 10002, 10003, 10004,
  ]);
  const exporter = workload(all, "postgres").template.spec.containers.find(({ name }) => name === "postgres-exporter");
  expect(exporter?.securityContext.runAsUser).toBe(10005);
});

test("an image with a digest is rendered with tag and digest", () => {
  const digest = `sha256:${"ab".repeat(32)}`;
  const all = objects({ values: { "images.backend.digest": digest, "images.backend.tag": "1.2.3" } });
  expect(workload(all, "worker").template.spec.containers[0]?.image).toBe(`${registry}/migrate-platform/backend:1.2.3@${digest}`);
});

test("priority classes are named in scope cluster only, databases before workers", () => {
  const priority = (scope: string, name: string) => workload(objects({ values: { scope } }), name).template.spec.priorityClassName;
  expect(["postgres", "backend", "worker"].map((name) => priority("cluster", name))).toEqual([
    "high-priority-ai",
    "high-priority-ai",
    "background-ai",
  ]);
  expect(["postgres", "backend", "worker"].map((name) => priority("namespace", name))).toEqual([undefined, undefined, undefined]);
});

test("a second MCP server gets a Deployment and Service of its own with its own settings", () => {
  const all = objects({
    values: {
      "mcp.servers[0].name": "assessment-tools",
      "mcp.servers[1].name": "cost-tools",
      "mcp.servers[1].image": "mcp-assessment-tools",
      "mcp.servers[1].database": true,
      "mcp.servers[1].replicas": 3,
    },
  });
  expect(workload(all, "mcp-cost-tools").object["spec"]).toMatchObject({ replicas: 3 });
  expect(workload(all, "mcp-assessment-tools").object["spec"]).toMatchObject({ replicas: 2 });
  const env = (name: string) => workload(all, name).template.spec.containers[0]?.env.map((entry) => entry.name);
  expect(env("mcp-cost-tools")).toContain("DB_PASSWORD_FILE");
  expect(env("mcp-assessment-tools")).not.toContain("DB_PASSWORD_FILE");
});
