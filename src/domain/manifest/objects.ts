import { parseAllDocuments } from "yaml";

/** One object of a rendered chart, as plain data. */
export type ManifestObject = { readonly [key: string]: unknown };

/**
 * The objects of a YAML stream, in its order; empty documents are left out.
 * @throws Error when a document is no YAML, so that nothing in it can go unseen
 */
export function manifestObjects(manifests: string): readonly ManifestObject[] {
  return parseAllDocuments(manifests, { version: "1.1", uniqueKeys: false, prettyErrors: false }).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`the manifests are not valid YAML: ${error.code} at offset ${error.pos[0]}`);
    const value: unknown = document.toJS();
    return isObject(value) ? [value] : [];
  });
}

/** True for a mapping. */
export function isObject(value: unknown): value is ManifestObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
