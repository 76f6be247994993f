import type { ExitName } from "../exit-code.ts";
import { catalogue, type ErrorCode } from "./catalogue.ts";

/** One entry of the error catalogue: what a person reads in docs/errors, and the text used when the place of failure knows nothing better. */
export interface CatalogueEntry {
  /** Outcome of the process when this error ends it. */
  readonly exit: ExitName;
  /** What happened, in general, without a full stop. */
  readonly title: string;
  /** Why it usually happens. */
  readonly why: string;
  /** What to do about it; a command where there is one. */
  readonly fix: string;
}

/** What the place of failure adds to its catalogue entry. Never put a secret in here: all of it is printed and logged. */
export interface ProblemDetail {
  /** What happened here, with names: "registry.client.example answered 401 to the token request". */
  readonly what: string;
  readonly why?: string;
  readonly fix?: string;
  readonly cause?: unknown;
  /** Machine-readable facts for `--json`. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** An error that is the user's to read: code, what, why, fix. Everything else that is thrown is a bug (exit 1). */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly why: string;
  readonly fix: string;
  readonly exit: ExitName;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: ProblemDetail) {
    super(detail.what, detail.cause === undefined ? undefined : { cause: detail.cause });
    const entry: CatalogueEntry = catalogue[code];
    this.name = "Problem";
    this.code = code;
    this.why = detail.why ?? entry.why;
    this.fix = detail.fix ?? entry.fix;
    this.exit = entry.exit;
    this.data = detail.data ?? {};
  }
}
