import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { Reading } from "../../domain/reading.ts";

const statusSchema = z.object({
  message: z.string().default(""),
  reason: z.string().default(""),
  details: z.looseObject({ kind: z.string().optional(), name: z.string().optional(), retryAfterSeconds: z.number().optional() }).optional(),
});

/** An answer of the API server that is not 2xx, with Kubernetes' own reason (`AlreadyExists`, `Conflict`, `Forbidden` …). */
export class ApiStatusError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = "ApiStatusError";
    this.status = status;
    this.reason = reason;
  }

  /** Reads a metav1.Status; a body of another shape (a proxy's HTML) keeps its first line as the message. */
  static of(status: number, body: string, what: string): ApiStatusError {
    const parsed = statusSchema.safeParse(parseJson(body));
    const message = parsed.success && parsed.data.message !== "" ? parsed.data.message : `${what}: HTTP ${status} ${body.split("\n", 1)[0]?.slice(0, 200) ?? ""}`;
    return new ApiStatusError(status, parsed.success ? parsed.data.reason : "", message);
  }
}

/**
 * The error a person reads for one of the API's: 401, 403 and refusals have codes of their own; anything else is passed on.
 * `doing` completes "while …": "creating Secret/postgres-credentials".
 */
export function problemOf(error: unknown, doing: string): unknown {
  if (!(error instanceof ApiStatusError)) return error;
  const what = `while ${doing}: ${error.message}`;
  if (error.status === 401) return new Problem("CLUSTER_UNAUTHORIZED", { what, cause: error });
  if (error.status === 403) return new Problem("CLUSTER_FORBIDDEN", { what, cause: error });
  if (error.status >= 500 || error.status === 429) return new Problem("CLUSTER_UNREACHABLE", { what, cause: error, why: "The API server answered, but not with a result." });
  return new Problem("CLUSTER_REFUSED", { what, cause: error });
}

/** Turns a failed read into a {@link Reading}: 403 is `denied`, other answers are `unavailable`; no answer at all is thrown on. */
export async function reading<T>(verb: string, resource: string, read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { kind: "known", value: await read() };
  } catch (error) {
    if (!(error instanceof ApiStatusError)) throw error;
    if (error.status === 401) throw problemOf(error, `reading ${resource}`);
    if (error.status === 403) return { kind: "denied", verb, resource, message: error.message };
    return { kind: "unavailable", message: error.message };
  }
}

const untrusted = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** The Problem for a request that got no usable answer: plugin missing, certificate not trusted, no connection, time over. */
export function connectionProblem(error: unknown, server: string): unknown {
  if (error instanceof Problem) return error;
  const { code, message } = describe(error);
  if (untrusted.has(code)) return new Problem("CLUSTER_UNTRUSTED", { what: `the certificate of ${server} is not trusted: ${message}`, cause: error });
  if (code.startsWith("ERR_SSL_TLSV1") || /alert (certificate|unknown ca|bad certificate)/i.test(message)) {
    return new Problem("CLUSTER_UNAUTHORIZED", { what: `${server} refused the client certificate: ${message}`, cause: error });
  }
  if (/exec|spawn/.test(message) && /ENOENT|failed|not found/i.test(`${code} ${message}`)) {
    return new Problem("CLUSTER_CREDENTIAL_PLUGIN", { what: `the credential plugin failed: ${message}`, cause: error });
  }
  return new Problem("CLUSTER_UNREACHABLE", { what: `${server} does not answer: ${message}`, cause: error });
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { code, message: error.message === "" ? code : error.message };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
