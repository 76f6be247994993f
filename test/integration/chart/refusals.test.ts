import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { chart, lint, profiles, refusal, type Values } from "./render.ts";

const formSchema = z.strictObject({
  type: z.unknown(),
  maxLength: z.number().optional(),
  if: z.unknown(),
  said: z.strictObject({ const: z.string() }),
});
const schemaSchema = z.looseObject({ definitions: z.record(z.string(), z.unknown()), properties: z.unknown() });
const schema = schemaSchema.parse(JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8")));

/** What to give instead of a text that does not fit, by definition of the schema. */
const wanted = new Map(
  Object.entries(schema.definitions).flatMap(([name, definition]) => {
    const { then: said, ...rest } = z.record(z.string(), z.unknown()).parse(definition);
    const form = formSchema.safeParse({ ...rest, said });
    return form.success ? [[name, form.data.said.const] as const] : [];
  }),
);

/** Texts that do not fit: the definition that refuses them, the values, and the keys of where the chart says it is. */
const wrong: readonly (readonly [definition: string, values: Values, keys: string])[] = [
  ["registryPrefix", { "image.registry": "https://registry.client.example" }, "image registry"],
  ["repository", { "images.redis.repository": "docker.io/Redis" }, "images redis repository"],
  ["tag", { "images.redis.tag": "7:latest" }, "images redis tag"],
  ["digest", { "images.backend.digest": "sha256:abc" }, "images backend digest"],
  ["hostName", { "ingress.host": "https://migrate.client.example" }, "ingress host"],
  ["hostName", { "llm.hosts": ["llm.example", "llm.example:443"] }, "llm hosts 1"],
  ["bodySize", { "ingress.maxBodySize": "50MB" }, "ingress maxBodySize"],
  ["httpUrl", { "llm.baseUrl": "llm.example" }, "llm baseUrl"],
  ["addressRange", { "networkPolicy.ingressControllerCidrs": ["10.0.0.1"] }, "networkPolicy ingressControllerCidrs 0"],
  ["addressRange", { "networkPolicy.dns.cidrs": ["dns.example"] }, "networkPolicy dns cidrs 0"],
  ["addressRange", { "networkPolicy.llm.cidrs": ["llm.example"] }, "networkPolicy llm cidrs 0"],
  ["processors", { "backend.resources.requests.cpu": "half" }, "backend resources requests cpu"],
  ["processors", { "postgres.exporter.resources.limits.cpu": "1G" }, "postgres exporter resources limits cpu"],
  ["memory", { "postgres.resources.requests.memory": "4GB" }, "postgres resources requests memory"],
  ["memory", { "redis.sentinel.resources.limits.memory": "1 Gi" }, "redis sentinel resources limits memory"],
  ["memory", { "backup.request.resources.limits.memory": "64" }, "backup request resources limits memory"],
  ["quantity", { "limitRange.max.memory": "16GB" }, "limitRange max memory"],
  ["quantity", { "resourceQuota.hard.pods": "many" }, "resourceQuota hard pods"],
  ["volumeSize", { "redis.storage.size": "10GB" }, "redis storage size"],
  ["postgresMemory", { "postgres.workMem": "64Mi" }, "postgres workMem"],
  ["cron", { "backup.schedule.full": "sundays" }, "backup schedule full"],
  ["cron", { "backup.schedule.incremental": "0 2 * *" }, "backup schedule incremental"],
  ["cron", { "retention.schedule": "never" }, "retention schedule"],
  ["interval", { "secrets.external.refreshInterval": "1 hour" }, "secrets external refreshInterval"],
  ["interval", { "serviceMonitor.interval": "30" }, "serviceMonitor interval"],
  ["tenantId", { "tenants[0].id": "Acme Ltd" }, "tenants 0 id"],
  ["uuid", { "tenants[0].id": "acme", "tenants[0].clientAccountId": "42" }, "tenants 0 clientAccountId"],
  ["colour", { "branding.brandColour": "green" }, "branding brandColour"],
  ["label", { "mcp.servers[0].name": "Cost Tools" }, "mcp servers 0 name"],
  ["label", { "priorityClasses.high": "High" }, "priorityClasses high"],
  ["sentinelMaster", { "redis.sentinel.master": "my master" }, "redis sentinel master"],
  ["variable", { "worker.env[0].name": "HTTPS-PROXY" }, "worker env 0 name"],
];

// Helm 3.14 writes redis.replicas where newer ones write /redis/replicas.
const at = (keys: string) => new RegExp(keys.replaceAll(" ", "[/.]"));

describe("a text that does not look as it must is refused with where it stands and what to give instead", () => {
  test.each(wrong)("%s: %j", (definition, values, keys) => {
    const said = refusal({ values });
    expect(said).toMatch(at(keys));
    expect(said).toContain(wanted.get(definition) ?? `(${definition} is not in the schema)`);
    expect(said).not.toContain("pattern");
  });

  test("every form of the schema is tried, and none is a regular expression alone", () => {
    expect([...new Set(wrong.map(([definition]) => definition))].sort()).toEqual([...wanted.keys()].sort());
    const formless = JSON.stringify({
      ...schema,
      definitions: Object.fromEntries(Object.entries(schema.definitions).filter(([name]) => !wanted.has(name))),
    });
    expect(formless.replaceAll(/"propertyNames":\{"pattern":/g, "")).not.toContain('"pattern":');
  });

  test("all of them at once", () => {
    const said = refusal({ values: { "ingress.host": "A", "postgres.workMem": "many", "tenants[0].id": "_" } });
    for (const definition of ["hostName", "postgresMemory", "tenantId"]) expect(said).toContain(wanted.get(definition));
  });

  test("under helm lint too, in every profile", () => {
    for (const profile of profiles) {
      const { status, stdout, stderr } = lint({ values: { profile, "ingress.host": "https://migrate.client.example" } });
      expect(status).not.toBe(0);
      expect(stdout + stderr).toContain(wanted.get("hostName"));
    }
  });
});

describe("what the schema refuses", () => {
  test.each([
    ["a misspelt key at the top", { profil: "small" }, /[Aa]dditional propert(y|ies) '?profil'? (is )?not allowed/],
    ["a misspelt key of a component", { "backend.replica": 3 }, /[Aa]dditional propert(y|ies) '?replica'? (is )?not allowed/],
    ["an unknown profile, naming those there are", { profile: "huge" }, /profile.*trial.*small.*standard.*large/],
    ["two pods of Redis", { "redis.replicas": 2 }, at("redis replicas")],
    ["more than two Postgres replicas", { "postgresReplica.replicas": 3 }, at("postgresReplica replicas")],
    ["an audit log kept for less than a year", { "retention.days.auditLog": 30 }, at("retention days auditLog")],
    ["WAL archived less often than promised", { "backup.archiveTimeoutSeconds": 900 }, at("backup archiveTimeoutSeconds")],
    ["a number of pods in words", { "backend.replicas": "two" }, at("backend replicas")],
    ["an unknown kind of ingress", { "ingress.kind": "loadbalancer" }, at("ingress kind")],
  ] as const)("%s", (_, values, message) => {
    expect(refusal({ values })).toMatch(message);
  });
});

describe("what does not go together, and what to do about it", () => {
  test.each([
    ["no registry", { "image.registry": "" }, "image.registry is empty: give the registry"],
    ["cert-manager without an issuer", { "ingress.tls.mode": "cert-manager" }, "give ingress.tls.issuer.name"],
    ["external secrets without a store", { "secrets.mode": "external" }, "give secrets.external.storeName"],
    ["more pooled connections than Postgres takes", { "pgbouncer.replicas": 5 }, "lower pgbouncer.replicas"],
    ["an MCP server whose image is unknown", { "mcp.servers[0].name": "cost-tools" }, "wants image mcp-cost-tools"],
  ])("%s", (_, values, message) => {
    expect(refusal({ values })).toContain(message);
  });
});
