import type { ErrorCode } from "../../domain/errors/catalogue.ts";
import { Problem } from "../../domain/errors/problem.ts";

/** Lines of helm's own output that are shown. */
const shownLines = 12;

/** What helm says, and the code it stands for; the first match counts. */
const known: readonly { readonly pattern: RegExp; readonly code: ErrorCode }[] = [
  { pattern: /another operation \(install\/upgrade\/rollback\) is in progress/, code: "HELM_STUCK" },
  { pattern: /values don't meet the specifications of the schema|execution error at|nil pointer evaluating/, code: "CHART_REFUSED" },
  { pattern: /conflicts? with "|Apply failed with \d+ conflict/, code: "HELM_CONFLICT" },
  { pattern: /invalid ownership metadata|cannot be imported into the current release/, code: "HELM_FOREIGN_OBJECT" },
  { pattern: /cluster unreachable|connection refused|no such host|i\/o timeout/i, code: "CLUSTER_UNREACHABLE" },
  { pattern: /is forbidden: /, code: "CLUSTER_FORBIDDEN" },
];

/** The Problem for a helm that ended with an error; `doing` is the subcommand: "upgrade". */
export function helmProblem(doing: string, stderr: string): Problem {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !/^(WARNING|level=|time=)/.test(line));
  const last = lines.slice(-shownLines).join("\n  ");
  const code = known.find(({ pattern }) => pattern.test(stderr))?.code ?? "HELM_FAILED";
  return new Problem(code, {
    what: `helm ${doing}: ${last === "" ? "ended with an error and said nothing" : last.replace(/^Error: /, "")}`,
  });
}

/** True when helm says that there is no such release. */
export function saysNotFound(stderr: string): boolean {
  return /release: not found/.test(stderr);
}
