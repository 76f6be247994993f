import type { Answers } from "../../domain/answers/answers.ts";

/** Secrets whose values are made once and kept for ever; the keys are the images' (docs/reference/image-contract.md). */
export const generatedSecrets = {
  "postgres-credentials": [
    "postgres-password",
    "app-password",
    "replication-password",
    "pgbouncer-password",
    "monitoring-password",
    "backup-password",
  ],
  "redis-credentials": ["redis-password"],
  "app-secrets": ["secret-key", "jwt-secret"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Secret that holds the LLM provider's key, and its key. */
export const llmSecret = { name: "llm-credentials", key: "api-key" } as const;

/** Secret that holds the key of the backups, and its key. Whoever loses it has lost the backups. */
export const backupSecret = { name: "backup-encryption", key: "cipher-key" } as const;

/** Secrets that an installation with these answers needs and migratectl makes, in the order it makes them. */
export function neededSecrets(answers: Answers, names: { readonly pull: string; readonly tls: string }): readonly string[] {
  const { llm, registry, ingress, backup } = answers;
  return [
    ...Object.keys(generatedSecrets),
    ...(backup.encryption === "none" ? [] : [backupSecret.name]),
    ...(llm.apiKey === undefined ? [] : [llmSecret.name]),
    ...(registry.pullSecret === undefined && registry.username !== undefined ? [names.pull] : []),
    ...(ingress.enabled && (ingress.tls.mode === "files" || ingress.tls.mode === "self-signed") ? [names.tls] : []),
  ];
}
