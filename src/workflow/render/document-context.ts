import { claimSizes } from "../../domain/answers/claim-sizes.ts";
import type { ManifestObject } from "../../domain/manifest/objects.ts";
import { readInventory } from "./inventory.ts";
import type { RenderRequest } from "./render-release.ts";
import { valuesContext } from "./values-context.ts";

/** Everything the templates of the client's documents may name: the answers, the release, and what the manifests hold. */
export function documentContext(
  request: RenderRequest,
  images: readonly string[],
  objects: readonly ManifestObject[],
): Readonly<Record<string, unknown>> {
  const { answers, release, capabilities, migrateTo } = request;
  const { host } = answers.ingress;
  return {
    ...valuesContext({ answers, release, migrateTo }),
    release,
    capabilities,
    sizes: claimSizes(answers),
    url: answers.ingress.enabled && host !== undefined ? `https://${host}` : undefined,
    trial: answers.profile === "trial",
    images: images.map((reference) => ({ reference })),
    extraValues: Object.keys(answers.values).length > 0,
    references: {
      registryPassword: describeReference(answers.registry.password),
      llmApiKey: describeReference(answers.llm.apiKey),
    },
    ...readInventory(objects),
  };
}

function describeReference(reference: RenderRequest["answers"]["registry"]["password"]): string | undefined {
  if (reference === undefined) return undefined;
  if ("file" in reference) return `the file ${reference.file}`;
  if ("env" in reference) return `the environment variable ${reference.env}`;
  if ("secret" in reference) return `the key ${reference.key} of Secret ${reference.secret}`;
  return "made by migratectl at the first install, and kept";
}
