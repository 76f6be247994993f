import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { objects, profiles } from "./render.ts";
import { type Amount, quotaOf, sizing } from "./sizing.ts";

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

  test("its quota holds the most that there can be at one moment, and its claims", () => {
    const quota = quotaOf(objects({ values: { profile, "resourceQuota.enabled": true } }));
    for (const which of ["requests", "limits"] as const) {
      expect(quota[which].millicores, `${which} of CPU`).toBeGreaterThanOrEqual(sums.most[which].millicores);
      expect(quota[which].mebibytes, `${which} of memory`).toBeGreaterThanOrEqual(sums.most[which].mebibytes);
    }
    expect(quota.pods).toBeGreaterThanOrEqual(sums.most.pods);
    expect(quota.claims).toBeGreaterThanOrEqual(sums.claims);
    expect(quota.storageGi).toBeGreaterThanOrEqual(sums.storageGi);
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
