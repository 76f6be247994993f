import { z } from "zod";
import type { ErrorCode } from "../../domain/errors/catalogue.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { type Reading, unavailable } from "../../domain/reading.ts";
import { parseJson } from "../parse-json.ts";

export { connectionProblem, credentialProblem, expiryNote, unreadableAnswer } from "./connection-errors.ts";

const statusSchema = z.object({
  message: z.string().default(""),
  reason: z.string().default(""),
  details: z.looseObject({ kind: z.string().optional(), name: z.string().optional(), retryAfterSeconds: z.number().optional() }).optional(),
});

/** An answer of the API server that is not 2xx, with Kubernetes' own reason (`AlreadyExists`, `Conflict`, `Forbidden` …). */
export class ApiStatusError extends Error {
  readonly status: number;
  readonly reason: string;
  /** How often the request was sent. A refusal of a later sending may only mean that an earlier one, whose answer was lost, has arrived. */
  readonly sent: number;

  constructor(status: number, reason: string, message: string, sent = 1) {
    super(message);
    this.name = "ApiStatusError";
    this.status = status;
    this.reason = reason;
    this.sent = sent;
  }

  /** Reads a metav1.Status; a body of another shape (a proxy's HTML) keeps its first line as the message. `note` is put behind it. */
  static of(
    { status, body, sent }: { readonly status: number; readonly body: string; readonly sent: number },
    what: string,
    note = "",
  ): ApiStatusError {
    const parsed = statusSchema.safeParse(parseJson(body));
    const message =
      parsed.success && parsed.data.message !== ""
        ? parsed.data.message
        : `${what}: HTTP ${status} ${body.split("\n", 1)[0]?.slice(0, 200) ?? ""}`;
    return new ApiStatusError(status, parsed.success ? parsed.data.reason : "", message + note, sent);
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
  if (error.status === 403) return new Problem(forbidden(error), { what, cause: error });
  if (error.status >= 500 || error.status === 429)
    return new Problem("CLUSTER_UNREACHABLE", { what, cause: error, why: "The API server answered, but not with a result." });
  return new Problem("CLUSTER_REFUSED", { what, cause: error });
}

/** A 403 is not always a right that is missing: admission answers with it, too, for quotas, policies and namespaces that are ending. */
function forbidden({ reason, message }: ApiStatusError): ErrorCode {
  if (/because it is being terminated/.test(message)) return "INSTALL_NAMESPACE_TERMINATING";
  return reason === "Forbidden" && / is forbidden: /.test(message) && !/ cannot /.test(message) ? "CLUSTER_REFUSED" : "CLUSTER_FORBIDDEN";
}

/**
 * Turns a failed read into a {@link Reading}: 403 is `denied`; other answers, broken ones and none in time are `unavailable`.
 * Throws what makes every other read pointless too (credentials refused, cancelled) and what is a bug.
 */
export async function reading<T>(verb: string, resource: string, read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { kind: "known", value: await read() };
  } catch (error) {
    if (error instanceof Problem && (error.code === "CLUSTER_UNREACHABLE" || error.code === "CLUSTER_NOT_KUBERNETES"))
      return unavailable(error.message);
    if (!(error instanceof ApiStatusError)) throw error;
    if (error.status === 401) throw problemOf(error, `reading ${resource}`);
    if (error.status === 403) return { kind: "denied", verb, resource, message: error.message };
    return unavailable(error.message);
  }
}

/** Does something through the API, and turns its refusals into Problems that say what was being done. @throws Problem CLUSTER_* */
export async function telling<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw problemOf(error, doing);
  }
}
