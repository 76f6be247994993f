import { loadAll, YAML11_SCHEMA, YAMLException } from "js-yaml";

/** One object of a rendered chart, as plain data. */
export type ManifestObject = { readonly [key: string]: unknown };

/**
 * The objects of a YAML stream, in its order; empty documents are left out. Read as YAML 1.1 with the last of equal keys winning, as Helm and
 * the API server do (a mode of 0440 is octal).
 * @throws Error when a document is no YAML, so that nothing in it can go unseen
 */
export function manifestObjects(manifests: string): readonly ManifestObject[] {
  try {
    return loadAll(manifests, { schema: YAML11_SCHEMA, json: true }).filter(isObject);
  } catch (error) {
    // The exception's own message quotes the text.
    const place = error instanceof YAMLException && error.mark !== undefined ? ` at line ${error.mark.line + 1}` : "";
    throw new Error(`the manifests are not valid YAML: ${error instanceof YAMLException ? error.reason : String(error)}${place}`);
  }
}

/** True for a mapping. */
export function isObject(value: unknown): value is ManifestObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
