import { isTree, type Tree } from "./tree.ts";

/** Names of keys whose value is a secret: `password`, `apiKey`, `client_secret`, `registryPassword` … but not `existingSecret` or `secretName`, which are names. */
const secretName =
  /(password|passwd|passphrase|token|credentials?|api[-_]?key|private[-_]?key|secret[-_]?key|(encryption|cipher)[-_]?(key|pass)|(client|jwt|app|shared)[-_]?secret)$/i;

/** Where a reference to a secret stands, the names in it are no secrets. */
const reference = /^(registry\.password|llm\.apiKey|backup\.encryptionKey)\.(file|env|secret|key)$/;

const insideValue = /-----BEGIN [A-Z ]*PRIVATE KEY-----|^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i;

/** Paths at which a secret stands in clear: by the name of the key, or because a private key or user:password@ is in the text. */
export function clearSecrets(tree: Tree, prefix: readonly string[] = []): readonly (readonly string[])[] {
  return Object.entries(tree).flatMap(([key, value]) => inspect([...prefix, key], key, value));
}

function inspect(path: readonly string[], key: string, value: unknown): readonly (readonly string[])[] {
  if (isTree(value)) return clearSecrets(value, path);
  if (Array.isArray(value))
    return value.flatMap((item, index) => (isTree(item) ? clearSecrets(item, [...path, String(index)]) : inspect(path, "", item)));
  if (typeof value !== "string" && typeof value !== "number") return [];
  const named = secretName.test(key) && !reference.test(path.join(".")) && value !== "";
  return named || insideValue.test(String(value)) ? [path] : [];
}
