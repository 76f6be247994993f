import type { ApiAnswer } from "./exchange.ts";

/** How often one request is sent at most. */
const attempts = 5;

/** How often after a broken connection, or an answer from something in between. */
const brokenAttempts = 3;

/** Connection errors after which the same request may well succeed; refusal and bad names are not among them. */
const passing = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT", "ERR_STREAM_PREMATURE_CLOSE"]);

/** Methods that HTTP calls idempotent: sent twice they do what they do once. */
const idempotent = new Set(["GET", "PUT", "DELETE"]);

/** How one sending of a request ended. */
export type Sent = ApiAnswer | { readonly error: unknown };

/** What of a request decides whether it may be sent again. */
export interface Repeated {
  readonly method: string;
  readonly repeatable?: boolean;
}

/**
 * Milliseconds to wait before the request is sent again, or undefined when its outcome stands. 429 is repeated for every method (the API
 * server has done nothing), as Retry-After says. After a broken connection, or a 502, 503 or 504 from something in between, what does no
 * harm twice is repeated; and everything whose connection had been kept from an earlier request and was closed before an answer came:
 * servers close idle connections, and the request has then met a closed door.
 */
export function retryDelay(outcome: Sent, { method, repeatable }: Repeated, sent: number): number | undefined {
  if (sent >= attempts) return undefined;
  const harmless = repeatable === true || idempotent.has(method);
  if ("error" in outcome) {
    const again = harmless || metClosedDoor(outcome.error);
    return again && sent < brokenAttempts && broke(outcome.error) ? 100 * sent : undefined;
  }
  const { status, headers } = outcome;
  if (status === 429) return waitOf(headers["retry-after"], sent);
  if (harmless && sent < brokenAttempts && status >= 502 && status <= 504) return waitOf(headers["retry-after"], sent);
  return undefined;
}

/** Seconds of Retry-After, or a wait that doubles, from 200 ms. */
function waitOf(retryAfter: string | undefined, attempt: number): number {
  const seconds = Number(retryAfter);
  return retryAfter !== undefined && Number.isFinite(seconds) && seconds >= 0 ? Math.max(seconds * 1000, 50) : 100 * 2 ** attempt;
}

function metClosedDoor(error: unknown): boolean {
  return error instanceof Error && "reusedSocket" in error && error.reusedSocket === true;
}

function broke(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ("code" in error && typeof error.code === "string" && passing.has(error.code)) ||
    /socket hang up|middle of the answer/.test(error.message)
  );
}
