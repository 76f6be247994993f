import { randomBytes } from "node:crypto";
import type { SecretReference } from "../../domain/answers/secret-reference.ts";
import { assertNever } from "../../domain/assert-never.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { SecretSources } from "../../ports/secret-sources.ts";

/** Bytes of randomness in a generated secret, and in a key. */
const [generatedBytes, keyBytes] = [24, 48];

/**
 * The value that a reference stands for; one line end at its end is dropped, as editors add it. `purpose` completes "… for": "the registry's password".
 * @throws Problem SECRET_UNAVAILABLE, which names the place and never the value
 */
export async function resolveSecret(
  reference: SecretReference,
  purpose: string,
  sources: SecretSources,
  signal: AbortSignal,
): Promise<string> {
  const { place, value } = await look(reference, sources, signal);
  if (value === undefined) throw new Problem("SECRET_UNAVAILABLE", { what: `${purpose} is not there: ${place} does not exist` });
  const text = value.replace(/\r?\n$/, "");
  if (text === "") throw new Problem("SECRET_UNAVAILABLE", { what: `${purpose} is not there: ${place} is empty` });
  return text;
}

/** A random secret: 32 characters that need no quoting in a URL, a shell or a connection string. */
export function generateSecret(): string {
  return randomBytes(generatedBytes).toString("base64url");
}

/** A random key: 64 characters of base64. */
export function generateKey(): string {
  return randomBytes(keyBytes).toString("base64");
}

async function look(reference: SecretReference, sources: SecretSources, signal: AbortSignal) {
  if ("file" in reference) return { place: `the file ${reference.file}`, value: await sources.file(reference.file) };
  if ("env" in reference) return { place: `the environment variable ${reference.env}`, value: sources.environment(reference.env) };
  if ("secret" in reference) {
    const place = `the key ${reference.key} of Secret ${reference.secret}`;
    if (sources.secret === undefined) throw new Problem("SECRET_UNAVAILABLE", { what: `${place} can only be read with a cluster at hand` });
    return { place, value: await sources.secret(reference.secret, reference.key, signal) };
  }
  return assertNever(reference);
}
