import { didYouMean } from "../domain/answers/did-you-mean.ts";
import { Problem } from "../domain/errors/problem.ts";
import { withoutValue } from "./route.ts";
import { type FlagFacts, sourceOf, type Usage, valuesOf } from "./usage.ts";

/**
 * What the parser of the command line says, in our words; undefined when the error is none of the parser's. No value of a flag or argument is
 * repeated: it may be a secret, and what is printed ends up in logs.
 */
export function usageProblem(error: Error, usage: Usage): Problem | undefined {
  const thrown = /^Parsing --(\S+) \n\t(.*)\nSee more help with --help$/s.exec(error.message);
  if (error instanceof Problem) return thrown === null ? error : unwrapped(error, thrown[2] ?? "", thrown[1] ?? "", usage);
  if (!isParserError(error)) return undefined;
  const { flags, args, parse } = error;
  if (flags !== undefined) return unknownFlags(flags.map(withoutValue), usage);
  if (args !== undefined && error.message.startsWith("Unexpected argument")) return superfluous(usage);
  if (args !== undefined) return missingArguments(usage);
  const output = parse?.output?.flags;
  if (output !== undefined) return wrongTogether(output, usage);
  return wrongValue(thrown?.[1] ?? /--([\w-]+)/.exec(error.message.split("\n", 1)[0] ?? "")?.[1], error.message, usage);
}

interface ParserError extends Error {
  readonly flags?: readonly string[];
  readonly args?: unknown;
  readonly parse?: { readonly output?: { readonly flags?: Readonly<Record<string, unknown>> } };
}

/** oclif marks its own errors with the exit status that they are to end with. */
function isParserError(error: Error): error is ParserError {
  return "oclif" in error;
}

function problem(
  usage: Usage,
  what: string,
  fix?: string,
  more: { readonly why?: string; readonly data?: Readonly<Record<string, unknown>> } = {},
): Problem {
  const help = `See: migratectl ${usage.name} --help`;
  return new Problem("USAGE", { what, fix: fix === undefined ? help : `${fix} ${help}`, ...more });
}

/** A parser of a flag's value threw one of ours, and oclif wrapped its words; a value that it repeats is cut out. */
function unwrapped(thrown: Problem, what: string, flag: string, usage: Usage): Problem {
  const { code, why, fix, data, cause } = thrown;
  const cut = valuesOf(flag, usage).reduce((text, value) => text.replaceAll(` ${value}`, ""), what);
  return new Problem(code, { what: cut.replace(`--${flag}`, sourceOf(flag, usage)), why, fix, data, cause });
}

function unknownFlags(unknown: readonly string[], usage: Usage): Problem {
  const known = Object.entries(usage.flags).flatMap(([name, { allowNo }]) => [`--${name}`, ...(allowNo === true ? [`--no-${name}`] : [])]);
  const [first = ""] = unknown;
  const secretFile = unknown.find((flag) => `${flag.slice(2)}-file` in usage.flags);
  if (secretFile !== undefined) {
    const variable = `MIGRATECTL_${secretFile.slice(2).toUpperCase().replaceAll("-", "_")}`;
    return problem(
      usage,
      `there is no flag ${secretFile}: a secret is not taken from the command line`,
      `Put it into a file and give ${secretFile}-file FILE, or set ${variable}. What stood on a command line is in the shell's history: change that secret.`,
      { why: "The command line of a process can be read by every user of the machine.", data: { flags: unknown } },
    );
  }
  const near = new Map(unknown.map((flag) => [flag, flag.startsWith("--") ? didYouMean(flag, known) : undefined]));
  const suggestions = [...near].flatMap(([flag, other]) =>
    other === undefined ? [] : [unknown.length === 1 ? other : `${other} for ${flag}`],
  );
  return problem(
    usage,
    unknown.length === 1 ? `${usage.name} has no flag ${first}` : `${usage.name} has no flags ${unknown.join(", ")}`,
    suggestions.length === 0 ? undefined : `Did you mean ${suggestions.join(", ")}?`,
    {
      why: "A misspelt flag would silently leave its default in force, so none is accepted.",
      data: { flags: unknown, ...(suggestions.length === 0 ? {} : { suggestions: [...near.values()].filter((one) => one !== undefined) }) },
    },
  );
}

function superfluous(usage: Usage): Problem {
  const valued = usage.argv.find((argument) => argument.includes("=") && usage.flags[withoutValue(argument).slice(2)]?.type === "boolean");
  if (valued !== undefined) {
    const flag = withoutValue(valued);
    const no = usage.flags[flag.slice(2)]?.allowNo === true ? `, or --no-${flag.slice(2)} for the opposite` : "";
    return problem(usage, `${flag} takes no value`, `Write ${flag} alone${no}.`);
  }
  const names = Object.keys(usage.args);
  const wanted = names.length === 0 ? "no arguments" : `only ${list(names.map((name) => name.toUpperCase()))}`;
  return problem(usage, `${usage.name} takes ${wanted}, and more was given`, undefined, {
    why: "A value that belongs to a flag follows it at once; what stands alone is an argument.",
  });
}

function missingArguments(usage: Usage): Problem {
  const missing = Object.entries(usage.args).filter(([, { required }]) => required === true);
  const named = missing.map(([name, { description }]) => `${name.toUpperCase()}, the ${description ?? name}`);
  return problem(usage, `${usage.name} needs ${list(named)}`, undefined, { why: "The command does nothing without it." });
}

/** Flags that are missing, need another one, or exclude one another: judged again by their declarations, whose words are ours. */
function wrongTogether(given: Readonly<Record<string, unknown>>, usage: Usage): Problem {
  const isGiven = (name: string) => given[name] !== undefined;
  const missing = Object.entries(usage.flags).filter(([name, { required }]) => required === true && !isGiven(name));
  const told = Object.entries(usage.flags).flatMap(([name, { dependsOn = [], exclusive = [] }]) => {
    if (!isGiven(name)) return [];
    const absent = dependsOn.map(nameOf).filter((other) => !isGiven(other));
    const clash = exclusive.map(nameOf).filter(isGiven);
    return [
      ...(absent.length === 0 ? [] : [`${sourceOf(name, usage)} needs ${list(absent.map((other) => `--${other}`))} as well`]),
      ...(clash.length === 0 ? [] : [`${list([name, ...clash].map((one) => sourceOf(one, usage)))} exclude one another`]),
    ];
  });
  if (missing.length > 0)
    told.unshift(`${list(missing.map(([name, flag]) => written(name, flag)))} ${missing.length === 1 ? "is" : "are"} missing`);
  return missing.length > 0
    ? problem(usage, told.join("; "), undefined, {
        why: "The command does nothing without it.",
        data: { missing: missing.map(([name]) => `--${name}`) },
      })
    : problem(usage, told.join("; "), undefined, { why: "One of these flags only makes sense with the other, or without it." });
}

function wrongValue(name: string | undefined, message: string, usage: Usage): Problem {
  const flag = name === undefined ? undefined : usage.flags[name];
  if (name === undefined || flag === undefined) return problem(usage, "the command line was not understood");
  const source = sourceOf(name, usage);
  if (message.includes("can only be specified once")) return problem(usage, `--${name} was given more than once`, "Give it once.");
  if (message.includes("expects")) return problem(usage, `--${name} has no value`, `Write it as ${written(name, flag)}.`);
  if (flag.options !== undefined) {
    const value = /^Expected --[\w-]+=(.*) to be one of: /s.exec(message)?.[1];
    const near = value === undefined ? undefined : didYouMean(value, flag.options);
    return problem(usage, `${source} must be one of ${flag.options.join(", ")}`, near === undefined ? undefined : `Did you mean ${near}?`);
  }
  if (flag.min !== undefined && flag.max !== undefined)
    return problem(usage, `${source} must be a whole number from ${flag.min} to ${flag.max}`);
  return problem(usage, `${source} has a value that it cannot take`, `Write it as ${written(name, flag)}.`);
}

function written(name: string, { helpValue, options }: FlagFacts): string {
  const value = typeof helpValue === "string" ? helpValue : options?.join("|");
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function nameOf(flag: string | { readonly name: string }): string {
  return typeof flag === "string" ? flag : flag.name;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
