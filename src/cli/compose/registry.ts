import type { Answers } from "../../domain/answers/answers.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { known, type Reading, unavailable } from "../../domain/reading.ts";
import type { Registry, RegistryReader, RegistryTarget } from "../../ports/registry.ts";
import { registryTarget } from "../../workflow/secrets/registry-target.ts";
import type { Globals } from "../global-flags.ts";
import { secretSources, surroundings } from "./connect.ts";

/** Opens the conversation with a registry. Throws as {@link reachableRegistry}, and Problem REGISTRY_CA_INVALID. */
export async function connectRegistry(registry: Answers["registry"], globals: Globals): Promise<Registry> {
  const { createConnector } = await import("../../adapters/registry/connector.ts");
  const { proxies } = await surroundings(globals);
  return createConnector({ proxies }).connect(await reachableRegistry(registry, globals));
}

/** What asks registries without changing them. */
export async function registryReader(globals: Globals): Promise<RegistryReader> {
  const { createReader } = await import("../../adapters/registry/connector.ts");
  return createReader((await surroundings(globals)).proxies);
}

/** The registry of the answers with its secrets read; what cannot be read is a reading too. */
export async function registryReading({ registry }: Answers, globals: Globals): Promise<Reading<RegistryTarget>> {
  try {
    return known(await reachableRegistry(registry, globals));
  } catch (error) {
    if (error instanceof Problem && !globals.signal.aborted) return unavailable(error.message);
    throw error;
  }
}

/**
 * The registry with its password and CA read. Without a user name in the answers, what `docker login` has left on this host counts.
 * @throws Problem SECRET_UNAVAILABLE, FILE_UNREADABLE, REGISTRY_ADDRESS_INVALID, DOCKER_CONFIG_INVALID, REGISTRY_CREDENTIAL_HELPER
 */
export async function reachableRegistry(registry: Answers["registry"], globals: Globals): Promise<RegistryTarget> {
  const target = await registryTarget(registry, await secretSources(globals), globals.signal);
  if (registry.username !== undefined) return target;
  const { dockerCredentials } = await import("../../adapters/registry/docker-credentials.ts");
  const { secrets } = await surroundings(globals);
  const found = await dockerCredentials(target.host, { environment: process.env, secrets }, globals.signal);
  if (found === undefined) return target;
  return "identityToken" in found ? { ...target, identityToken: found.identityToken } : { ...target, credentials: found };
}
