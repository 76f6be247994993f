import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { answersSchema, profileSchema } from "../../../src/domain/answers/answers.ts";
import { claimSizes } from "../../../src/domain/answers/claim-sizes.ts";
import { draftAnswers } from "../../../src/domain/answers/draft.ts";
import { environmentName, type Field, fields } from "../../../src/domain/answers/fields.ts";
import { missingFields } from "../../../src/domain/answers/missing.ts";
import { optionalParts } from "../../../src/domain/answers/part-costs.ts";
import { parseQuantity, toMillis, toUnits } from "../../../src/domain/capacity/quantity.ts";
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

  test("is asked for by the wizard, but for what is no question to a person", () => {
    const asked = [contextQuestion, ...questions].flatMap((step) => (step.kind === "verify" ? [] : [step.path]));
    // A version to render for without a cluster, and what no question covers.
    const unasked = ["cluster.kubeVersion", "values"];
    expect(new Set([...asked, ...unasked])).toEqual(new Set(fields.map(({ path }) => path)));
  });

  test("that names a file says so, so that its path is read from the folder of the answers file", () => {
    const named = (fields as readonly Field[]).filter(
      ({ path, value }) => /^(FILE|DIR|PATH)$/.test(value) || /(File|Path|Dir|Folder)$/.test(path),
    );
    expect(named.length).toBeGreaterThan(0);
    for (const { path, kind } of named) expect(["path", "secret"], path).toContain(kind);
    for (const { kind, value, path } of fields as readonly Field[])
      if (kind === "path" || kind === "secret") expect(value, path).toBe("FILE");
  });

  test("that is required is asked for without the person asking for more", () => {
    const draft = draftAnswers({ flags: { "registry-username": "bot", tls: "files" }, environment: {} });
    for (const { path } of missingFields(draft))
      expect(questions.find((step) => step.kind !== "verify" && step.path === path)).toMatchObject({ depth: "basic" });
  });
});

test("the optional parts by profile are those of the chart's profiles", () => {
  const resources = z.object({ requests: z.object({ cpu: z.union([z.string(), z.number()]).transform(String), memory: z.string() }) });
  const replicas = z.int();
  const chartProfile = z.object({
    postgres: z.object({ exporter: z.object({ resources }) }),
    postgresReplica: z.object({ replicas, resources }),
    redis: z.object({ replicas, resources, sentinel: z.object({ resources }) }),
    agentPool: z.object({
      enabled: z.boolean(),
      replicas: replicas.optional(),
      resources,
      autoscaling: z.object({ minReplicas: replicas, maxReplicas: replicas }).optional(),
    }),
  });
  const amount = ({ requests }: z.infer<typeof resources>) => ({
    millicores: toMillis(parseQuantity(requests.cpu) ?? -1n),
    mebibytes: toUnits(parseQuantity(requests.memory) ?? -1n) / 2 ** 20,
  });
  const sum = (...all: readonly z.infer<typeof resources>[]) => ({
    millicores: all.map(amount).reduce((total, one) => total + one.millicores, 0),
    mebibytes: all.map(amount).reduce((total, one) => total + one.mebibytes, 0),
  });
  for (const profile of profileSchema.options) {
    const { postgres, postgresReplica, redis, agentPool } = chartProfile.parse(chartFile(profile));
    expect(optionalParts[profile], profile).toEqual({
      postgresReplica: { count: postgresReplica.replicas, pod: sum(postgresReplica.resources, postgres.exporter.resources) },
      redis: { sentinel: redis.replicas === 3, pod: sum(redis.resources), guarded: sum(redis.resources, redis.sentinel.resources) },
      agentPool: {
        enabled: agentPool.enabled,
        least: agentPool.autoscaling?.minReplicas ?? agentPool.replicas,
        most: agentPool.autoscaling?.maxReplicas ?? agentPool.replicas,
        pod: sum(agentPool.resources),
      },
    });
  }
});

function chartFile(profile: string): unknown {
  return parse(readFileSync(new URL(`../../../templates/chart/profiles/${profile}.yaml`, import.meta.url), "utf8"));
}

test("the sizes by profile are those of the chart's profiles", () => {
  const size = z.object({ storage: z.object({ size: z.string() }) });
  const chartProfile = z.object({ postgres: size, backup: size, redis: size });
  for (const profile of profileSchema.options) {
    const { postgres, backup, redis } = chartProfile.parse(chartFile(profile));
    expect(claimSizes({ profile, storage: {}, backup: { repository: {} } }), profile).toEqual({
      postgres: postgres.storage.size,
      backup: backup.storage.size,
      redis: redis.storage.size,
    });
  }
});
