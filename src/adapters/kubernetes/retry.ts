import type { ApiAnswer } from "./exchange.ts";

/** How often one request is sent at most. */
const attempts = 5;

/** Connection errors after which the same read may well succeed; refusal and bad names are not among them. */
const passing = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT", "ERR_STREAM_PREMATURE_CLOSE"]);

/**
 * Milliseconds to wait before the request is sent again, or undefined when its outcome stands. 429 is repeated for every method (the API
 * server has done nothing), as Retry-After says; reads also after a broken connection or a 502, 503 or 504 from something in between.
 */
export function retryDelay(outcome: ApiAnswer | { readonly error: unknown }, method: string, attempt: number): number | undefined {
  if (attempt >= attempts) return undefined;
  if ("error" in outcome) return method === "GET" && attempt < 3 && broke(outcome.error) ? 100 * attempt : undefined;
  const { status, headers } = outcome;
  if (status === 429) return waitOf(headers["retry-after"], attempt);
  if (method === "GET" && attempt < 3 && status >= 502 && status <= 504) return waitOf(headers["retry-after"], attempt);
  return undefined;
}

/** Seconds of Retry-After, or a wait that doubles, from 200 ms. */
function waitOf(retryAfter: string | undefined, attempt: number): number {
  const seconds = Number(retryAfter);
  return retryAfter !== undefined && Number.isFinite(seconds) && seconds >= 0 ? Math.max(seconds * 1000, 50) : 100 * 2 ** attempt;
}

function broke(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ("code" in error && typeof error.code === "string" && passing.has(error.code)) ||
    /socket hang up|middle of the answer/.test(error.message)
  );
}
