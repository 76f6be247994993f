import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { objects, profiles } from "./render.ts";
import { type Amount, sizing } from "./sizing.ts";

/** The supported minimum, less what a cluster's own pods and the kubelet's reserve take of it (docs/reference/sizing.md). */
const minimum: Amount = { millicores: 8000 - 1200, mebibytes: (16 - 2) * 1024 };

/** The page with its tables' padding taken out. */
const document = readFileSync(join(import.meta.dirname, "../../../docs/reference/sizing.md"), "utf8").replaceAll(/ {2,}/g, " ");
const cores = (amount: Amount) => (amount.millicores / 1000).toFixed(2);
const gibibytes = (amount: Amount) => (amount.mebibytes / 1024).toFixed(1);

describe.each(profiles)("profile %s", (profile) => {
  const sums = sizing(objects({ values: { profile } }));

  test("docs/reference/sizing.md says what its requests sum to", () => {
    const columns = [sums.rest, sums.rolling, sums.scaledOut].map((amount) => `${cores(amount)} / ${gibibytes(amount)}`);
    expect(document).toContain(`| \`${profile}\` | ${sums.pods} | ${columns.join(" | ")} | ${sums.storageGi} |`);
  });

  test("scaled out needs no less than at rest", () => {
    expect(sums.scaledOut.millicores).toBeGreaterThanOrEqual(sums.rest.millicores);
    expect(sums.scaledOut.mebibytes).toBeGreaterThanOrEqual(sums.rest.mebibytes);
  });
});

test("small fits the supported minimum while everything rolls and every Job runs", () => {
  const { rolling } = sizing(objects({ values: { profile: "small" } }));
  expect(rolling.millicores).toBeLessThanOrEqual(minimum.millicores);
  expect(rolling.mebibytes).toBeLessThanOrEqual(minimum.mebibytes);
});

test("trial needs about a quarter of small", () => {
  const [trial, small] = (["trial", "small"] as const).map((profile) => sizing(objects({ values: { profile } })).rest);
  expect((trial?.millicores ?? 0) / (small?.millicores ?? 1)).toBeLessThan(0.3);
  expect((trial?.mebibytes ?? 0) / (small?.mebibytes ?? 1)).toBeLessThan(0.3);
});

test("the components request what the specification says, in every profile but trial", () => {
  const specified = {
    frontend: ["50m", "64Mi", "200m", "256Mi"],
    backend: ["500m", "1Gi", "1", "2Gi"],
    worker: ["1", "2Gi", "2", "8Gi"],
    "state-manager": ["100m", "256Mi", "500m", "1Gi"],
    "mcp-assessment-tools": ["200m", "512Mi", "500m", "1Gi"],
    pgbouncer: ["200m", "256Mi", "500m", "512Mi"],
    redis: ["100m", "256Mi", "500m", "1Gi"],
  };
  for (const profile of ["small", "standard", "large"]) {
    for (const [name, [cpu, memory, cpuLimit, memoryLimit]] of Object.entries(specified)) {
      const one = objects({ values: { profile } }).find(
        (object) =>
          object.kind !== "Service" && object.metadata.name === name && "spec" in object && JSON.stringify(object).includes("containers"),
      );
      expect(JSON.stringify(one), `${profile} ${name}`).toContain(
        JSON.stringify({ limits: { cpu: cpuLimit, memory: memoryLimit }, requests: { cpu, memory } }),
      );
    }
  }
});
