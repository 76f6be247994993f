import type { z } from "zod";
import { counted } from "../units.ts";
import { fail, type Judgement, pass, skipped, warn } from "./check.ts";
import { cacheSchema, capabilitiesSchema, databaseSchema, tenantSchema, versionSchema } from "./contract.ts";

/** An HTTP answer as the judges see it. */
export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** The version and schema revision that a release must answer; what is not known is not compared. */
export interface WantedRelease {
  readonly version?: string;
  readonly schemaRevision?: string;
}

/** `GET /health`. */
export function judgeHealth(answer: Answered): Judgement {
  return answer.status === 200 ? pass("200") : fail(String(answer.status), `/health answers ${answer.status}, not 200`);
}

/** `GET /api/v1/health/database`: connected. */
export function judgeDatabase(answer: Answered): Judgement {
  return read(answer, databaseSchema, [200, 503], ({ postgresql }) => {
    const shown = `${postgresql.status}${postgresql.version === undefined ? "" : `, Postgres ${postgresql.version}`}`;
    if (postgresql.status === "connected" && answer.status === 200) return pass(shown);
    return fail(shown, `the backend has no connection to Postgres${postgresql.cause === undefined ? "" : ` (${postgresql.cause})`}`);
  });
}

/** pgvector, from the same answer. */
export function judgeVector(answer: Answered): Judgement {
  return read(answer, databaseSchema, [200, 503], ({ postgresql }) =>
    postgresql.vector
      ? pass(`pgvector ${postgresql.vector}`)
      : fail("no version", "the extension vector is not in the database: CREATE EXTENSION vector did not run"),
  );
}

/** Replicas that stream, from the same answer; `wanted` is what the release runs. */
export function judgeReplicas(answer: Answered, wanted: number): Judgement {
  return read(answer, databaseSchema, [200, 503], ({ postgresql: { replicas } }) => {
    if (replicas === undefined) return fail("no number", "the backend does not say how many replicas stream");
    const shown = `${replicas} of ${wanted} stream`;
    if (replicas < wanted) return fail(shown, "a replica does not stream from the primary: see the log of postgres-replica");
    return wanted === 0 && replicas === 0 ? skipped("this release runs without replicas") : pass(shown);
  });
}

/** `GET /api/v1/version` against the release. */
export function judgeVersion(answer: Answered, wanted: WantedRelease): Judgement {
  return read(answer, versionSchema, [200], (seen) => {
    const shown = `version ${seen.version}, schema ${seen.schemaRevision ?? "none"}`;
    const { releaseSchemaRevision: own } = seen;
    if (wanted.version !== undefined && seen.version !== wanted.version) return fail(shown, `the release is ${wanted.version}`);
    if (seen.schemaRevision === null) return fail(shown, "no migration has run");
    if (wanted.schemaRevision !== undefined && seen.schemaRevision !== wanted.schemaRevision)
      return fail(shown, `the release needs schema ${wanted.schemaRevision}`);
    // Its pods are not ready on a schema that they cannot work with.
    if (wanted.schemaRevision === undefined && own !== undefined && own !== seen.schemaRevision)
      return warn(shown, `the release's own schema is ${own}: an upgrade was not finished, or was taken back`);
    return wanted.version === undefined ? warn(shown, "the release's own version is not known, so nothing was compared") : pass(shown);
  });
}

/** What POST and GET of one cache key gave. */
export function judgeCache(answer: Answered, key: string, value: string, step: "set" | "get"): Judgement {
  return read(answer, cacheSchema, [200, 201], (seen) =>
    seen[key] === value
      ? pass(`${step} gives the value back`)
      : fail(`${step} gives ${JSON.stringify(seen[key])}`, "Redis gives another value back than was set"),
  );
}

/** `GET /api/v1/tenant/{id}/config`. */
export function judgeTenant(answer: Answered): Judgement {
  return read(answer, tenantSchema, [200], ({ branding, features }) =>
    pass(`branding with ${count(branding, "key")}, ${count(features, "feature")}`),
  );
}

/** `GET /capabilities` of an MCP server. */
export function judgeCapabilities(answer: Answered): Judgement {
  return read(answer, capabilitiesSchema, [200], ({ tools }) =>
    pass(tools.map((tool) => (typeof tool === "string" ? tool : tool.name)).join(", ")),
  );
}

function read<T>(answer: Answered, schema: z.ZodType<T>, statuses: readonly number[], judge: (value: T) => Judgement): Judgement {
  const parsed = schema.safeParse(json(answer.body));
  if (!statuses.includes(answer.status)) return fail(String(answer.status), `it answers ${answer.status}: ${brief(answer.body)}`);
  return parsed.success ? judge(parsed.data) : fail(`${answer.status} ${brief(answer.body)}`, "the answer is not what the contract says");
}

/** A body as JSON; undefined when it is none. */
export function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A body as one short line. */
export function brief(body: string): string {
  const flat = body.replace(/\s+/g, " ").trim();
  return flat.length > 120 ? `${flat.slice(0, 117)}...` : flat;
}

function count(of: Readonly<Record<string, unknown>>, noun: string): string {
  return counted(Object.keys(of).length, noun);
}
