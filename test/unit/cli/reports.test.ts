import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { schemasOf } from "../../../scripts/docs/command-schemas.ts";
import { allPresenters } from "../../../scripts/docs/schema-pages.ts";
import { commands } from "../../../src/cli/commands.ts";
import { confirmPlan } from "../../../src/cli/compose/confirm-plan.ts";
import type { Globals } from "../../../src/cli/global-flags.ts";
import { smokePresenter } from "../../../src/cli/presenters/smoke.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";
import { captured, capturedOf } from "./captured.ts";
import { concerns, printed, reports, type Sample, smokeReport } from "./samples.ts";

const root = join(import.meta.dirname, "../../..");

/** The schema that docs/schemas publishes under a name. */
function published(name: string): z.ZodType {
  return z.fromJSONSchema(JSON.parse(readFileSync(join(root, "docs/schemas", `${name}.json`), "utf8")));
}

describe("the documents of --json", () => {
  let trial: ReadonlyMap<string, Sample>;
  let real: Awaited<ReturnType<typeof printed>>;
  beforeAll(async () => {
    [trial, real] = [await reports("trial"), await printed()];
  });

  it("fit their published schemas", () => {
    for (const [name, { schema, json }] of trial) {
      const document: unknown = JSON.parse(JSON.stringify(json));
      expect(published(schema).safeParse(document), name).toMatchObject({ success: true });
      expect(published(schema).safeParse({ ...Object(document), surprise: 1 }).success, `${name} with a key more`).toBe(false);
    }
    for (const { line, schema, stdout } of real)
      expect(published(schema).safeParse(JSON.parse(stdout)), line).toMatchObject({ success: true });
  });

  it("are of every schema that a command can print", async () => {
    const seen = new Set([...[...trial.values()].map(({ schema }) => schema), ...real.map(({ schema }) => schema)]);
    const known = (await allPresenters(root)).map(({ name }) => name);
    expect([...seen].sort()).toEqual([...known].sort());
    const promised = Object.keys(commands).flatMap((command) => schemasOf(root, command));
    expect([...new Set([...promised, "version"])].sort()).toEqual([...seen].sort());
  });

  it("are of the one schema for errors when a command fails, whichever it is", async () => {
    for (const command of Object.keys(commands)) {
      const { stdout, code } = await captured([...command.split(" "), "--no-such-flag", "--json"]);
      expect(published("error").safeParse(JSON.parse(stdout)), command).toMatchObject({ success: true });
      expect(code).toBe(2);
    }
  });
});

describe("the reports on an installation of the trial profile", () => {
  it("say, each of them, that it is for evaluation only; those on any other say no such thing", async () => {
    for (const [name, { text, json }] of await reports("trial")) {
      expect(text, name).toContain("profile trial (for evaluation only)");
      expect(json, name).toMatchObject({ profile: "trial" });
    }
    for (const [name, { text }] of await reports("small")) {
      expect(text, name).not.toContain("evaluation");
      expect(text, name).toContain("profile small");
    }
  });
});

describe("the plan of an installation", () => {
  it("is shown under what the preflight found besides passes, with what to do about it", async () => {
    const { text } = (await reports("small")).get("install --dry-run") ?? { text: "" };
    const lines = text.split("\n");
    expect(lines.slice(0, 8)).toEqual([
      "Preflight found nothing that stops this; worth knowing:",
      "!  storage class  fast deletes volumes",
      "     wanted   a class that retains them",
      "     fix      Take a class with reclaimPolicy Retain",
      "?  nodes          nodes is forbidden",
      "     wanted   room for every pod",
      "     fix      Ask for the right to list nodes",
      "",
    ]);
    expect(lines[8]).toMatch(/^Plan: install shop 1\.0\.0 in namespace shop, profile small, about/);
    expect(text).not.toContain(concerns[0]?.title);
  });
});

describe("the plan that a person is asked to confirm", () => {
  const plan = {
    apiVersion: "migratectl/v1",
    kind: "Plan",
    workflow: "install",
    release: { name: "shop", namespace: "shop", version: "1.0.0" },
    clusterUid: "u-1",
    inputs: {},
    actions: [{ id: "push", title: "Push 7 images", touches: [], bytes: 0, seconds: 5, undo: "stays" }],
  } as const satisfies Parameters<typeof confirmPlan>[0];

  const asked = (globals: Partial<Globals>) => {
    const progress = new RecordingProgress();
    const usual = {
      yes: true,
      dryRun: false,
      json: false,
      logLevel: "info",
      color: false,
      signal: AbortSignal.timeout(5000),
      progress,
    } as const;
    return capturedOf(() => confirmPlan(plan, { ...usual, ...globals }, { profile: "trial", findings: concerns }));
  };

  it("stands on stderr under the warnings of the preflight, with the size", async () => {
    const { stdout, stderr } = await asked({});
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^\nPreflight found nothing that stops this; worth knowing:\n! {2}storage class .*\n\nPlan: install shop 1\.0\.0 in namespace shop, profile trial \(for evaluation only\), about 5 s\n/s,
    );
  });

  it("is not written where only a document or nothing is wanted", async () => {
    expect(await asked({ json: true })).toMatchObject({ stdout: "", stderr: "" });
    expect(await asked({ logLevel: "error" })).toMatchObject({ stdout: "", stderr: "" });
  });
});

describe("the table of a smoke test", () => {
  const text = (columns?: number) => smokePresenter.text(smokeReport("trial"), createStyle(false, columns));
  const widest = (shown: string) => Math.max(...shown.split("\n").map((line) => line.length));

  it("is one line per check where there is room for it", () => {
    expect(text()).toMatch(/^pass {2}assessment works from end to end {2}POST .* {2}1234 ms {2}completed through backend > worker$/m);
    expect(text(200)).toBe(text());
  });

  it.each([80, 100, 120])("folds at %d columns, and still says what was asked and answered", (columns) => {
    const shown = text(columns);
    expect(widest(shown)).toBeLessThanOrEqual(columns);
    expect(shown).toContain(
      "pass  assessment works from end to end  1234 ms\n      POST /api/v1/assessments, GET /api/v1/assessments/{id}\n      completed through backend > worker\n",
    );
    expect(shown.replaceAll(/\s+/g, " ")).toContain(
      "warn replicas works from end to end: one of two replicas is 20 MB behind, and has been for longer",
    );
  });
});
