import { Problem } from "../errors/problem.ts";

/** One `--set KEY=VALUE`, taken apart. */
export interface Assignment {
  readonly path: readonly string[];
  readonly value: unknown;
}

/**
 * Reads `worker.logLevel=debug`. A dot in a key is written `\.`; the value is JSON where it is (3, true, null, [1], {"a":1}, "3"), else text.
 * @throws Problem USAGE
 */
export function parseAssignment(text: string): Assignment {
  const equals = text.indexOf("=");
  const path = (equals < 1 ? "" : text.slice(0, equals)).split(/(?<!\\)\./).map((key) => key.replaceAll("\\.", "."));
  if (path.some((key) => key === "" || key === "__proto__")) {
    throw new Problem("USAGE", {
      what: `--set wants KEY=VALUE with a dotted key; got one with ${equals < 1 ? "no key" : "an empty or forbidden part in its key"}`,
      fix: "Write it as --set worker.logLevel=debug; a dot that belongs to a key is written \\.",
    });
  }
  return { path, value: parsedValue(text.slice(equals + 1)) };
}

function parsedValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
