import { z } from "zod";
import type { Answers } from "../../domain/answers/answers.ts";
import { assertNever } from "../../domain/assert-never.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { Certificates } from "../../ports/certificates.ts";
import type { ClusterObjects, NewSecret } from "../../ports/cluster-objects.ts";
import type { SecretSources } from "../../ports/secret-sources.ts";
import { pullSecretName, tlsSecretName } from "../render/values-context.ts";
import type { Place } from "../run/carry-out.ts";
import { releaseLabels } from "../run/labels.ts";
import type { LookContext, Step } from "../run/step.ts";
import { backupSecret, generatedSecrets, llmSecret, neededSecrets } from "../secrets/platform-secrets.ts";
import { pullSecret } from "../secrets/pull-secret.ts";
import { generateKey, generateSecret, resolveSecret } from "../secrets/resolve-secret.ts";
import { tlsSecret } from "../secrets/tls-secret.ts";

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

/** What making Secrets works from. */
export type SecretsNeed = Place & { readonly answers: Answers };

/** What is to be done with one Secret; values stay in memory. */
type Change =
  | { readonly kind: "keep" }
  /** Generated values, and the key of the backups: made when there is no Secret, else only the keys that it lacks; what is there is never overwritten. */
  | { readonly kind: "complete"; readonly values: NewSecret["values"]; readonly fresh: boolean }
  /** What a person gives (registry credentials, certificate, the LLM provider's key): the Secret follows it. */
  | { readonly kind: "follow"; readonly type: NewSecret["type"]; readonly values: NewSecret["values"]; readonly fresh: boolean };

/** Makes the Secrets that the platform needs: what is generated once and kept for ever, and what follows what a person gives. */
export function secretsStep(ports: SecretPorts): Step<SecretsNeed, SecretsNeed, SecretsGive> {
  return {
    id: "secrets",
    title: "Make the secrets that are missing",
    describe: ({ answers }) => ({
      touches: namesOf(answers).map((name) => `Secret/${name}`),
      bytes: 0,
      seconds: 2,
      undo: "kept: data encrypted with them could not be read without",
    }),
    gives: givesSchema,
    run: async (need, context) => {
      const secrets: SecretsGive["secrets"] = [];
      for (const name of namesOf(need.answers)) {
        context.advance({ done: secrets.length, unit: "items", note: name });
        const change = await wantedChange(name, ports, need, context);
        secrets.push({ name, state: await carry(change, name, ports.objects, need, context.signal) });
      }
      return { secrets };
    },
    alreadySo: async (need, context) => {
      const names = namesOf(need.answers);
      for (const name of names) if ((await wantedChange(name, ports, need, context)).kind !== "keep") return undefined;
      return { secrets: names.map((name) => ({ name, state: "kept" as const })) };
    },
  };
}

function namesOf(answers: Answers): readonly string[] {
  return neededSecrets(answers, { pull: pullSecretName, tls: tlsSecretName });
}

async function wantedChange(
  name: string,
  { objects, sources, certificates }: SecretPorts,
  { namespace, answers }: SecretsNeed,
  { signal, clock }: LookContext,
): Promise<Change> {
  const current = await objects.readSecret(namespace, name, signal);
  const follow = (type: NewSecret["type"], values: NewSecret["values"]): Change => {
    const holds = current !== undefined && Object.entries(values).every(([key, value]) => current[key] === value);
    return holds ? { kind: "keep" } : { kind: "follow", type, values, fresh: current === undefined };
  };
  if (name === pullSecretName) {
    const { type, values } = await pullSecret(answers, sources, signal);
    return follow(type, values);
  }
  if (name === tlsSecretName) {
    const values = await tlsSecret(answers, current, { certificates, sources }, clock.now());
    return values === undefined ? { kind: "keep" } : follow("kubernetes.io/tls", values);
  }
  if (name === llmSecret.name && answers.llm.apiKey !== undefined) {
    const key = await resolveSecret(answers.llm.apiKey, "the API key of the LLM provider", sources, signal);
    return follow("Opaque", { [llmSecret.key]: key });
  }
  const complete = (values: NewSecret["values"]): Change =>
    Object.keys(values).length === 0 ? { kind: "keep" } : { kind: "complete", values, fresh: current === undefined };
  if (name === backupSecret.name) return complete(await missingCipherKey(current?.[backupSecret.key], answers, sources, signal));
  const keys = Object.entries(generatedSecrets).find(([secret]) => secret === name)?.[1] ?? [];
  return complete(Object.fromEntries(keys.filter((key) => current?.[key] === undefined).map((key) => [key, generateSecret()])));
}

/** The key of the backups where there is none yet: the one that is given, else a new one. @throws Problem BACKUP_ENCRYPTION_FIXED */
async function missingCipherKey(
  current: string | undefined,
  { backup }: Answers,
  sources: SecretSources,
  signal: AbortSignal,
): Promise<NewSecret["values"]> {
  const given =
    backup.encryptionKey === undefined ? undefined : await resolveSecret(backup.encryptionKey, "the key of the backups", sources, signal);
  if (current === undefined) return { [backupSecret.key]: given ?? generateKey() };
  if (given === undefined || given === current) return {};
  throw new Problem("BACKUP_ENCRYPTION_FIXED", {
    what: `The key that was given for the backups is not the one in Secret ${backupSecret.name}, with which the repository was made.`,
  });
}

async function carry(
  change: Change,
  name: string,
  objects: ClusterObjects,
  { name: release, namespace }: Place,
  signal: AbortSignal,
): Promise<SecretsGive["secrets"][number]["state"]> {
  const labels = releaseLabels(release);
  switch (change.kind) {
    case "keep":
      return "kept";
    case "follow": {
      const { type, values, fresh } = change;
      await objects.setSecret(namespace, { name, labels, type, values }, signal);
      return fresh ? "created" : "updated";
    }
    case "complete": {
      const { values } = change;
      if (change.fresh && (await objects.createSecret(namespace, { name, labels, type: "Opaque", values }, signal)) === "created")
        return "created";
      return (await objects.addSecretKeys(namespace, name, values, signal)).length > 0 ? "completed" : "kept";
    }
    default:
      return assertNever(change);
  }
}
