import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { answersSchema, profileSchema } from "../../../src/domain/answers/answers.ts";
import { claimSizes } from "../../../src/domain/answers/claim-sizes.ts";
import { draftAnswers } from "../../../src/domain/answers/draft.ts";
import { environmentName, fields } from "../../../src/domain/answers/fields.ts";
import { missingFields } from "../../../src/domain/answers/missing.ts";
import { contextQuestion } from "../../../src/wizard/questions/cluster.ts";
import { questions } from "../../../src/wizard/questions.ts";

describe("every answer", () => {
  /** Paths of the schema down to what a person writes; references to secrets, the TLS union and free values are one answer each. */
  function paths(schema: z.core.JSONSchema.BaseSchema, prefix = ""): readonly string[] {
    return Object.entries(schema.properties ?? {}).flatMap(([key, below]) => {
      const path = prefix === "" ? key : `${prefix}.${key}`;
      if (typeof below === "boolean") return [];
      if (path === "ingress.tls")
        return (below.oneOf ?? below.anyOf ?? []).flatMap((one) => (typeof one === "boolean" ? [] : paths(one, path)));
      return below.properties === undefined ? [path] : paths(below, path);
    });
  }

  test("has a flag, and every flag has an answer", () => {
    const inSchema = new Set(paths(z.toJSONSchema(answersSchema, { io: "input" })));
    inSchema.delete("version");
    expect(new Set(fields.map(({ path }) => path))).toEqual(inSchema);
  });

  test("has a flag and a variable of its own", () => {
    expect(new Set(fields.map(({ flag }) => flag)).size).toBe(fields.length);
    expect(new Set(fields.map(environmentName)).size).toBe(fields.length);
  });

  test("that the wizard asks for has a field, and each question stands once", () => {
    const asked = [contextQuestion, ...questions].flatMap((step) => (step.kind === "verify" ? [] : [step.path]));
    expect(new Set(asked).size).toBe(asked.length);
    for (const path of asked) expect(fields.map((field) => field.path)).toContain(path);
  });

  test("that is required is asked for without the person asking for more", () => {
    const draft = draftAnswers({ flags: { "registry-username": "bot", tls: "files" }, environment: {} });
    for (const { path } of missingFields(draft))
      expect(questions.find((step) => step.kind !== "verify" && step.path === path)).toMatchObject({ depth: "basic" });
  });
});

test("the sizes by profile are those of the chart's profiles", () => {
  const size = z.object({ storage: z.object({ size: z.string() }) });
  const chartProfile = z.object({ postgres: size, backup: size, redis: size });
  for (const profile of profileSchema.options) {
    const { postgres, backup, redis } = chartProfile.parse(
      parse(readFileSync(new URL(`../../../templates/chart/profiles/${profile}.yaml`, import.meta.url), "utf8")),
    );
    expect(claimSizes({ profile, storage: {} }), profile).toEqual({
      postgres: postgres.storage.size,
      backup: backup.storage.size,
      redis: redis.storage.size,
    });
  }
});
