import type { WriteResult } from "../../ports/cluster-objects.ts";
import { ApiStatusError } from "./api-errors.ts";

/** Name under which Kubernetes notes the fields that migratectl sets. */
export const fieldManager = "migratectl";

/**
 * Sends a compare-and-swap write and says how it ended; what is neither written, conflict nor a missing namespace is thrown.
 * When the answer to a first sending was lost, the second one meets what the first has written: `standing` then reads it, and gives its
 * version if it is what was to be written.
 */
export async function written(
  send: () => Promise<{ readonly metadata: { readonly resourceVersion: string } }>,
  standing: () => Promise<string | undefined>,
): Promise<WriteResult> {
  try {
    return { kind: "written", version: (await send()).metadata.resourceVersion };
  } catch (error) {
    if (!(error instanceof ApiStatusError)) throw error;
    if (error.status === 409) {
      const version = error.sent > 1 ? await standing() : undefined;
      return version === undefined ? { kind: "conflict" } : { kind: "written", version };
    }
    if (error.status === 404) return missing(error);
    throw error;
  }
}

/** True when the object is there already (and not, for example, a namespace that is ending: that is a 403 or 409 of another reason). */
export function alreadyExists(error: unknown): error is ApiStatusError {
  return error instanceof ApiStatusError && error.status === 409 && error.reason === "AlreadyExists";
}

/** True when two mappings hold the same. */
export function sameValues(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** A 404 to a write means that the namespace is missing, or that the object to replace has been deleted meanwhile. */
function missing(error: ApiStatusError): WriteResult {
  return /^namespaces "/.test(error.message) ? { kind: "no-namespace" } : { kind: "conflict" };
}
