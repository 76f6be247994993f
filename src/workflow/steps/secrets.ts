import { z } from "zod";
import type { Certificates } from "../../ports/certificates.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { SecretSources } from "../../ports/secret-sources.ts";
import { releaseLabels } from "../own-labels.ts";
import { pullSecretName, tlsSecretName } from "../render/values-context.ts";
import { generateSecret, resolveSecret } from "../secrets/resolve-secret.ts";
import type { Step, StepContext } from "../workflow-builder.ts";
import { generatedSecrets, llmSecret, neededSecrets } from "./platform-secrets.ts";
import { pullSecret } from "./pull-secret.ts";
import type { InstallStart } from "./start.ts";
import { tlsSecret } from "./tls-secret.ts";

/** What making Secrets needs. */
export interface SecretPorts {
  readonly objects: ClusterObjects;
  readonly sources: SecretSources;
  readonly certificates: Certificates;
}

const givesSchema = z.object({
  secrets: z.array(z.object({ name: z.string(), state: z.enum(["created", "completed", "kept", "updated"]) })),
});

/** Names of the Secrets and what was done with each; never a value. */
export type SecretsGive = z.infer<typeof givesSchema>;

type SecretState = SecretsGive["secrets"][number]["state"];

/**
 * Makes the Secrets that the platform needs. What is generated is made once: an existing value is never overwritten, only missing
 * keys are added. What a person gives (registry credentials, certificate files) follows what they give. Values stay in memory.
 */
export function secretsStep(ports: SecretPorts): Step<InstallStart, InstallStart, SecretsGive> {
  return {
    id: "secrets",
    title: "Make the secrets that are missing",
    describe: ({ answers }) => ({
      touches: neededSecrets(answers, { pull: pullSecretName, tls: tlsSecretName }).map((name) => `Secret/${name}`),
      bytes: 0,
      seconds: 2,
      undo: "kept: data encrypted with them could not be read without",
    }),
    gives: givesSchema,
    run: async (start, context) => {
      const secrets: SecretsGive["secrets"] = [];
      for (const name of neededSecrets(start.answers, { pull: pullSecretName, tls: tlsSecretName })) {
        context.advance({ done: secrets.length, unit: "items", note: name });
        secrets.push({ name, state: await make(name, ports, start, context) });
      }
      return { secrets };
    },
  };
}

async function make(name: string, ports: SecretPorts, start: InstallStart, context: StepContext): Promise<SecretState> {
  const { objects, sources, certificates } = ports;
  const labels = releaseLabels(start.name);
  const { signal } = context;
  if (name === pullSecretName) {
    return await follow(objects, start.namespace, { name, labels, ...(await pullSecret(start.answers, sources, signal)) }, signal);
  }
  if (name === tlsSecretName) {
    const current = await objects.readSecret(start.namespace, name, signal);
    const values = await tlsSecret(start.answers, current, { certificates, sources }, context.clock.now());
    return values === undefined
      ? "kept"
      : await follow(objects, start.namespace, { name, labels, type: "kubernetes.io/tls", values }, signal);
  }
  return await complete(objects, start.namespace, { name, labels }, await valuesOf(name, start, sources, signal), signal);
}

async function valuesOf(
  name: string,
  { answers }: InstallStart,
  sources: SecretSources,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  if (name === llmSecret.name && answers.llm.apiKey !== undefined) {
    return { [llmSecret.key]: await resolveSecret(answers.llm.apiKey, "the API key of the LLM provider", sources, signal) };
  }
  const keys = Object.entries(generatedSecrets).find(([secret]) => secret === name)?.[1] ?? [];
  return Object.fromEntries(keys.map((key) => [key, generateSecret()]));
}

/** Creates the Secret, or adds to it the keys that it lacks. */
async function complete(
  objects: ClusterObjects,
  namespace: string,
  secret: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
  values: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<SecretState> {
  if ((await objects.createSecret(namespace, { ...secret, type: "Opaque", values }, signal)) === "created") return "created";
  return (await objects.addSecretKeys(namespace, secret.name, values, signal)).length > 0 ? "completed" : "kept";
}

/** Makes the Secret hold exactly what a person gave. */
async function follow(
  objects: ClusterObjects,
  namespace: string,
  secret: Parameters<ClusterObjects["setSecret"]>[1],
  signal: AbortSignal,
): Promise<SecretState> {
  const current = await objects.readSecret(namespace, secret.name, signal);
  if (current !== undefined && Object.entries(secret.values).every(([key, value]) => current[key] === value)) return "kept";
  await objects.setSecret(namespace, secret, signal);
  return current === undefined ? "created" : "updated";
}
