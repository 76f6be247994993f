import type { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { Labels, NewSecret } from "../../ports/cluster-objects.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiStatusError } from "./api-errors.ts";
import { secretSchema } from "./objects-shapes.ts";
import { alreadyExists, fieldManager, sameValues } from "./objects-write.ts";

const path = (namespace: string, name?: string) => `/api/v1/namespaces/${namespace}/secrets${name === undefined ? "" : `/${name}`}`;

/** How often a write is tried again when somebody else wrote in between. */
const tries = 5;

/** Who makes the Secrets of a release: we, or its chart where it was once installed by helm alone. */
const makers: ReadonlySet<string | undefined> = new Set(["migratectl", "Helm"]);
const [makerLabel, releaseLabel] = ["app.kubernetes.io/managed-by", "app.kubernetes.io/instance"] as const;

type StoredSecret = z.infer<typeof secretSchema>;
type Values = Readonly<Record<string, string>>;

/** Values of a Secret as UTF-8. */
export async function readSecret(client: ApiClient, namespace: string, name: string, signal: AbortSignal): Promise<Values | undefined> {
  const secret = await client.find(path(namespace, name), secretSchema, signal);
  return secret === undefined ? undefined : decode(secret.data);
}

/** Creates a Secret unless the release has it already. @throws Problem SECRET_TAMPERED when it is somebody else's */
export async function createSecret(
  client: ApiClient,
  namespace: string,
  secret: NewSecret,
  signal: AbortSignal,
): Promise<"created" | "exists"> {
  try {
    const request = {
      method: "POST",
      path: path(namespace),
      query: { fieldManager },
      body: bodyOf(secret),
      signal,
      repeatable: true,
    } as const;
    await client.request(request, secretSchema);
    return "created";
  } catch (error) {
    if (!alreadyExists(error)) throw error;
    const found = await client.request({ method: "GET", path: path(namespace, secret.name), signal }, secretSchema);
    demandOwn(found, secret.labels, namespace);
    // The answer to an earlier sending may have been lost.
    return error.sent > 1 && sameValues(found.data, encode(secret.values)) ? "created" : "exists";
  }
}

/** Adds missing keys with a test of the version, so that a value somebody else sets at the same moment is kept. */
export async function addSecretKeys(
  client: ApiClient,
  namespace: string,
  name: string,
  values: Values,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const wanted = encode(values);
  let missingAtFirst: readonly string[] | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const secret = await client.request({ method: "GET", path: path(namespace, name), signal }, secretSchema);
    const missing = Object.keys(wanted).filter((key) => secret.data[key] === undefined);
    // A sending whose answer was lost has added them.
    const added = missingAtFirst?.filter((key) => secret.data[key] === wanted[key]) ?? [];
    missingAtFirst ??= missing;
    if (missing.length === 0) return added;
    demandOwn(secret, {}, namespace);
    if (secret.immutable) throw new Problem("SECRET_TAMPERED", { what: `Secret/${name} is immutable and lacks ${missing.join(", ")}` });
    const data = Object.fromEntries(missing.map((key) => [key, wanted[key]]));
    const body = { metadata: { resourceVersion: secret.metadata.resourceVersion }, data };
    const request = { method: "PATCH", path: path(namespace, name), query: { fieldManager }, body, signal, repeatable: true } as const;
    try {
      await client.request({ ...request, contentType: "application/merge-patch+json" }, secretSchema);
      return [...added, ...missing];
    } catch (error) {
      if (!(error instanceof ApiStatusError && error.status === 409) || attempt === tries) throw error;
    }
  }
}

/** Creates the Secret or replaces its values by server-side apply; somebody else's is refused, and so is one of another type. */
export async function setSecret(client: ApiClient, namespace: string, secret: NewSecret, signal: AbortSignal): Promise<void> {
  const existing = await client.find(path(namespace, secret.name), secretSchema, signal);
  if (existing !== undefined) demandOwn(existing, secret.labels, namespace);
  if (existing !== undefined && existing.type !== secret.type) {
    throw new Problem("SECRET_TAMPERED", { what: `Secret/${secret.name} has type ${existing.type}, not ${secret.type}` });
  }
  if (existing?.immutable === true) throw new Problem("SECRET_TAMPERED", { what: `Secret/${secret.name} is immutable` });
  const request = {
    method: "PATCH",
    path: path(namespace, secret.name),
    query: { fieldManager, force: true },
    contentType: "application/apply-patch+yaml",
    repeatable: true,
  } as const;
  await client.request({ ...request, body: bodyOf(secret), signal }, secretSchema);
}

/** The names of the platform's Secrets are common ones: another application in the namespace may have one of the same name. */
function demandOwn({ metadata }: StoredSecret, labels: Labels, namespace: string): void {
  const { name } = metadata;
  const release = labels[releaseLabel];
  const [maker, owner] = [metadata.labels[makerLabel], metadata.labels[releaseLabel]];
  if (makers.has(maker) && (release === undefined || owner === release)) return;
  const told =
    maker === undefined && owner === undefined ? "no labels say whose it is" : `it is ${owner ?? "nobody"}'s, made by ${maker ?? "hand"}`;
  throw new Problem("SECRET_TAMPERED", {
    what: `Secret/${name} in namespace ${namespace} does not belong to this release: ${told}`,
    why: "The platform needs a Secret of this name, and nothing of somebody else's is completed or overwritten.",
    fix: `If it is meant for this release, say so: kubectl -n ${namespace} label secret ${name} --overwrite ${makerLabel}=migratectl ${releaseLabel}=${release ?? "RELEASE"}. Otherwise use another namespace.`,
  });
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

function encode(values: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value, "utf8").toString("base64")]));
}

function decode(data: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]));
}
