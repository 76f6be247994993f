import type { Answers } from "../../domain/answers/answers.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { parseRegistryAddress } from "../../domain/image-reference.ts";
import type { RegistryTarget } from "../../ports/registry.ts";
import type { SecretSources } from "../../ports/secret-sources.ts";
import { resolveSecret } from "./resolve-secret.ts";

/**
 * The registry of the answers with its password and CA read. Lives in memory only.
 * @throws Problem SECRET_UNAVAILABLE, FILE_UNREADABLE, REGISTRY_ADDRESS_INVALID
 */
export async function registryTarget(registry: Answers["registry"], sources: SecretSources, signal: AbortSignal): Promise<RegistryTarget> {
  const { host, username, password, caFile, plainHttp } = registry;
  return {
    ...parseRegistryAddress(host),
    plainHttp,
    ...(caFile === undefined ? {} : { caPem: await readCa(caFile, sources) }),
    ...(username === undefined || password === undefined
      ? {}
      : { credentials: { username, password: await resolveSecret(password, "the password of the registry", sources, signal) } }),
  };
}

async function readCa(path: string, sources: SecretSources): Promise<string> {
  const pem = await sources.file(path);
  if (pem === undefined) throw new Problem("FILE_UNREADABLE", { what: `the registry's CA file ${path} does not exist` });
  return pem;
}
