import { Problem } from "../../domain/errors/problem.ts";
import type { NewSecret } from "../../ports/cluster-objects.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiStatusError } from "./api-errors.ts";
import { secretSchema } from "./objects-shapes.ts";
import { alreadyExists, fieldManager } from "./objects-write.ts";

const path = (namespace: string, name?: string) => `/api/v1/namespaces/${namespace}/secrets${name === undefined ? "" : `/${name}`}`;

/** How often a write is tried again when somebody else wrote in between. */
const tries = 5;

/** Values of a Secret as UTF-8. */
export async function readSecret(
  client: ApiClient,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> {
  const secret = await client.find(path(namespace, name), secretSchema, signal);
  return secret === undefined ? undefined : decode(secret.data);
}

/** Creates a Secret unless there is one. */
export async function createSecret(
  client: ApiClient,
  namespace: string,
  secret: NewSecret,
  signal: AbortSignal,
): Promise<"created" | "exists"> {
  try {
    await client.request({ method: "POST", path: path(namespace), query: { fieldManager }, body: bodyOf(secret), signal }, secretSchema);
    return "created";
  } catch (error) {
    if (alreadyExists(error)) return "exists";
    throw error;
  }
}

/** Adds missing keys with a test of the version, so that a value somebody else sets at the same moment is kept. */
export async function addSecretKeys(
  client: ApiClient,
  namespace: string,
  name: string,
  values: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1) {
    const secret = await client.request({ method: "GET", path: path(namespace, name), signal }, secretSchema);
    const missing = Object.entries(values).filter(([key]) => secret.data[key] === undefined);
    const names = missing.map(([key]) => key);
    if (missing.length === 0) return [];
    if (secret.immutable) throw new Problem("SECRET_TAMPERED", { what: `Secret/${name} is immutable and lacks ${names.join(", ")}` });
    const body = { metadata: { resourceVersion: secret.metadata.resourceVersion }, data: encode(Object.fromEntries(missing)) };
    try {
      await client.request(
        {
          method: "PATCH",
          path: path(namespace, name),
          query: { fieldManager },
          contentType: "application/merge-patch+json",
          body,
          signal,
        },
        secretSchema,
      );
      return names;
    } catch (error) {
      if (!(error instanceof ApiStatusError && error.status === 409) || attempt === tries) throw error;
    }
  }
}

/** Creates the Secret or replaces its values by server-side apply; a Secret of another type is refused. */
export async function setSecret(client: ApiClient, namespace: string, secret: NewSecret, signal: AbortSignal): Promise<void> {
  const existing = await client.find(path(namespace, secret.name), secretSchema, signal);
  if (existing !== undefined && existing.type !== secret.type) {
    throw new Problem("SECRET_TAMPERED", { what: `Secret/${secret.name} has type ${existing.type}, not ${secret.type}` });
  }
  if (existing?.immutable === true) throw new Problem("SECRET_TAMPERED", { what: `Secret/${secret.name} is immutable` });
  const request = {
    method: "PATCH",
    path: path(namespace, secret.name),
    query: { fieldManager, force: true },
    contentType: "application/apply-patch+yaml",
  } as const;
  await client.request({ ...request, body: bodyOf(secret), signal }, secretSchema);
}

function bodyOf(secret: NewSecret): unknown {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: secret.name, labels: secret.labels },
    type: secret.type,
    data: encode(secret.values),
  };
}

function encode(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value, "utf8").toString("base64")]));
}

function decode(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]));
}
