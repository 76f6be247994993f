import { readFile } from "node:fs/promises";
import { Problem } from "../../domain/errors/problem.ts";
import type { SecretSources } from "../../ports/secret-sources.ts";
import type { Environment } from "./program-environment.ts";

/** Files and environment variables of this host, and with `secret` the Secrets of a cluster. */
export function createSecretSources(environment: Environment, secret?: SecretSources["secret"]): SecretSources {
  return { file: readOptional, environment: (name) => environment[name], ...(secret === undefined ? {} : { secret }) };
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new Problem("SECRET_UNAVAILABLE", {
      what: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}
