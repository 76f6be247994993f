/** Variables of a process; undefined is not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment for programs that are not ours and are run for us: helm, credential plugins of the kubeconfig, credential helpers of the
 * registry. They get everything that they would get in a person's shell, because nobody knows what a plugin needs; but nothing of
 * migratectl's own (`MIGRATECTL_REGISTRY_PASSWORD`), and none of the variables that the answers name as the place of a secret.
 */
export function programEnvironment(environment: Environment, secrets: readonly string[]): Readonly<Record<string, string>> {
  const hidden = new Set(secrets);
  const shown = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith("MIGRATECTL_") && !hidden.has(entry[0]),
  );
  return Object.fromEntries(shown);
}
