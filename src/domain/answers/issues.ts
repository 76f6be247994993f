import type { z } from "zod";
import type { ErrorCode } from "../errors/catalogue.ts";
import { Problem } from "../errors/problem.ts";
import { answersSchema, answersVersion } from "./answers.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { Draft } from "./draft.ts";
import { fields } from "./fields.ts";
import { currentPath } from "./migrations/migrate.ts";
import { missingFields } from "./missing.ts";
import { suggestName } from "./names.ts";
import { valueAt } from "./tree.ts";

type Issue = z.core.$ZodIssue;

interface Told {
  readonly code: ErrorCode;
  /** `migratectl.yaml:4: registry.host` */
  readonly place: string;
  /** Goes on from the place. */
  readonly text: string;
  readonly fix?: string | undefined;
}

/** Answers whose text becomes a name in Kubernetes or a host name. */
const names: ReadonlySet<string> = new Set([
  "release.name",
  "release.namespace",
  "registry.pullSecret",
  "storage.className",
  "ingress.className",
  "ingress.host",
  "ingress.controllerNamespace",
  "ingress.tls.secretName",
  "ingress.tls.issuer",
]);

/** What the schema has against a draft, as one Problem with every place; undefined when nothing but missing answers is left. Values are quoted only for names. */
export function issueProblem(draft: Draft): Problem | undefined {
  const told = judge(draft);
  const [first, ...others] = told;
  if (first === undefined) return undefined;
  return new Problem(first.code, {
    what:
      others.length === 0
        ? `${first.place}${first.text}`
        : [`${told.length} things are wrong:`, ...told.map((one) => `  ${one.place}${one.text}`)].join("\n"),
    ...(first.fix !== undefined && others.length === 0 ? { fix: first.fix } : {}),
  });
}

/** What is wrong with one answer just given, for the person who gave it; undefined when nothing is. The draft without it must be in order. */
export function answerIssue(draft: Draft): string | undefined {
  const [first] = judge(draft);
  return first === undefined
    ? undefined
    : `${first.text.replace(/^(: | is )/, "")}${first.fix === undefined ? "" : `. ${first.fix}`}`.trim();
}

function judge(draft: Draft): readonly Told[] {
  const parsed = answersSchema.safeParse({ version: answersVersion, ...draft.tree });
  if (parsed.success) return [];
  const missing = new Set(missingFields(draft).map((field) => field.path));
  return parsed.error.issues.filter((issue) => !isMissing(issue, missing, draft)).flatMap((issue) => tell(issue, draft));
}

/** An answer that is missing is told by {@link missingFields}; `registry` as a whole is the one mapping without a default. */
function isMissing(issue: Issue, missing: ReadonlySet<string>, draft: Draft): boolean {
  const path = issue.path.map(String);
  if (valueAt(draft.tree, path) !== undefined) return false;
  return missing.has(path.join(".")) || [...missing].some((one) => one.startsWith(`${path.join(".")}.`));
}

function tell(issue: Issue, draft: Draft): readonly Told[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(issue.path.map(String), key, draft));
  const path = issue.path.map(String).join(".");
  const place = `${draft.source(issue.path)}: ${path}`;
  const value = valueAt(draft.tree, issue.path.map(String));
  if (names.has(path) && typeof value === "string") return [refusedName(place, value, issue, path === "release.name" ? 40 : 63)];
  if (issue.code === "invalid_union" && /^(registry\.password|llm\.apiKey)$/.test(path)) {
    return [
      {
        code: "ANSWERS_INVALID",
        place,
        text: ` must be one of { file: PATH }, { env: NAME }, { secret: NAME, key: KEY }`,
      },
    ];
  }
  const options = fields.find((field) => field.path === path);
  if (options !== undefined && "options" in options) return [wrongChoice(place, options.options, value)];
  return [{ code: "ANSWERS_INVALID", place, text: `: ${issue.message.replace(/^Invalid input: /, "")}` }];
}

function wrongChoice(place: string, options: readonly string[], value: unknown): Told {
  const near = typeof value === "string" ? didYouMean(value, options) : undefined;
  return {
    code: "ANSWERS_INVALID",
    place,
    text: ` must be one of ${options.join(", ")}`,
    fix: near === undefined ? undefined : `Did you mean ${near}?`,
  };
}

function refusedName(place: string, value: string, issue: Issue, longest: number): Told {
  const legal = suggestName(value, longest);
  return {
    code: "ANSWERS_NAME_REFUSED",
    place,
    text: ` is "${value}": ${issue.message}`,
    fix: legal === undefined || legal === value ? undefined : `Use "${legal}", or another name of that form.`,
  };
}

function unknownKey(parent: readonly string[], key: string, draft: Draft): Told {
  const place = `${draft.source([...parent, key])}: `;
  const path = [...parent, key].join(".");
  const moved = currentPath(path) === path ? undefined : currentPath(path);
  const near = moved === undefined ? didYouMean(key, keysAt(parent)) : undefined;
  const elsewhere = moved ?? (near === undefined ? fields.find((field) => field.path.split(".").at(-1) === key)?.path : undefined);
  const hint = near !== undefined ? `; did you mean "${near}"?` : elsewhere !== undefined ? `; it belongs at ${elsewhere}` : "";
  const suggestion = near === undefined ? elsewhere : [...parent, near].join(".");
  return {
    code: "ANSWERS_KEY_UNKNOWN",
    place,
    text: `there is no key "${path}"${hint}`,
    fix: suggestion === undefined ? undefined : `Write ${suggestion} instead.`,
  };
}

/** Keys that may stand in the mapping at a path. */
function keysAt(parent: readonly string[]): readonly string[] {
  const own = parent.length === 0 ? Object.keys(answersSchema.shape) : [];
  const prefix = parent.length === 0 ? "" : `${parent.join(".")}.`;
  return [
    ...own,
    ...fields.filter((field) => field.path.startsWith(prefix)).map((field) => field.path.slice(prefix.length).split(".")[0] ?? ""),
  ];
}
