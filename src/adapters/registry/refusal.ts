import { z } from "zod";
import type { ErrorCode } from "../../domain/errors/catalogue.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { parseJson } from "../parse-json.ts";
import { Transient } from "./retry.ts";

const errorsSchema = z.object({
  errors: z.array(z.object({ code: z.string().default(""), message: z.string().nullish(), detail: z.unknown().optional() })).min(1),
});

/** What a registry said in place of what was asked for. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  /** Retry-After as the header has it. */
  readonly retryAfter?: string | undefined;
  /** Completes "while …". */
  readonly doing: string;
  readonly host: string;
}

/** The error that an answer other than the expected one means: {@link Transient} for 429 and 5xx, else a Problem. */
export function refusal({ status, text, retryAfter, doing, host }: Refusal): Error {
  const error = parse(text);
  const reason = error?.reason ?? plainReason(text);
  const what = `${host} answered ${status} while ${doing}${reason === "" ? "" : `: ${reason}`}`;
  const code = codeFor(status, error?.code ?? "", reason);
  const problem = new Problem(code, { what, data: { status } });
  return code === "REGISTRY_UNAVAILABLE" ? new Transient(problem, retryAfterMs(retryAfter, Date.now())) : problem;
}

/**
 * What registries say when there is no room. The word "quota" alone does not: repositories are called that, too, so it counts only in a
 * sentence that says that it is used up, and not inside a name or path.
 */
const noRoom = [
  /no space left on device|insufficient storage|disk quota exceeded/i,
  /(?<![\w/.:-])quota(?![\w/:-]|\.\w)(\s+[\w']+){0,4}\s+(exceeded|reached|exhausted|used up|full)\b/i,
  /\b(exceed(s|ed|ing)?|over|above|reached)\b[^"/]{0,60}(?<![\w/.:-])quota(?![\w/:-]|\.\w)/i,
  // Harbor: "adding 29.0 MiB of storage resource, which when updated … will exceed the configured upper limit of 10.0 MiB"
  /exceed the configured upper limit/i,
];

function codeFor(status: number, code: string, reason: string): ErrorCode {
  if (status === 507 || noRoom.some((pattern) => pattern.test(reason))) return "REGISTRY_QUOTA";
  if (/http request to an https server|plain http request was sent to https/i.test(reason)) return "REGISTRY_EXPECTS_TLS";
  if (status === 429 || status >= 500 || status === 408 || code === "TOOMANYREQUESTS") return "REGISTRY_UNAVAILABLE";
  if (status === 401) return code === "DENIED" ? "REGISTRY_DENIED" : "REGISTRY_UNAUTHORIZED";
  if (status === 403 || code === "DENIED") return "REGISTRY_DENIED";
  if (code === "NAME_INVALID" || code === "NAME_UNKNOWN") return "REGISTRY_NAME_REFUSED";
  if (code === "DIGEST_INVALID" || code === "SIZE_INVALID") return "REGISTRY_CORRUPTED";
  if (status >= 200 && status < 400) return "REGISTRY_NOT_A_REGISTRY";
  return "REGISTRY_REFUSED";
}

function parse(text: string): { readonly code: string; readonly reason: string } | undefined {
  const [first] = errorsSchema.safeParse(parseJson(text)).data?.errors ?? [];
  if (first === undefined) return undefined;
  const detail =
    typeof first.detail === "string"
      ? first.detail
      : first.detail === undefined || first.detail === null
        ? ""
        : JSON.stringify(first.detail);
  const reason = [first.code, first.message ?? "", detail === "{}" ? "" : detail.slice(0, 200)].filter((part) => part !== "").join(" · ");
  return { code: first.code, reason };
}

/** First line of a body that is not JSON, without the tags of a web page. */
function plainReason(text: string): string {
  const title = /<title>([^<]*)<\/title>/i.exec(text)?.[1];
  return (title ?? text.replace(/<[^>]*>/g, " ")).trim().split("\n", 1)[0]?.slice(0, 200).trim() ?? "";
}

/** Milliseconds of a Retry-After (seconds, or an HTTP date); undefined when there is none. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
