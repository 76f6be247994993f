import type { WriteResult } from "../../ports/cluster-objects.ts";
import { ApiStatusError } from "./api-errors.ts";

/** Name under which Kubernetes notes the fields that migratectl sets. */
export const fieldManager = "migratectl";

/** Sends a compare-and-swap write and says how it ended; what is neither written, conflict nor a missing namespace is thrown. */
export async function written(send: () => Promise<{ readonly metadata: { readonly resourceVersion: string } }>): Promise<WriteResult> {
  try {
    return { kind: "written", version: (await send()).metadata.resourceVersion };
  } catch (error) {
    if (!(error instanceof ApiStatusError)) throw error;
    if (error.status === 409) return { kind: "conflict" };
    if (error.status === 404) return missing(error);
    throw error;
  }
}

/** True when the object is there already (and not, for example, a namespace that is ending: that is a 403 or 409 of another reason). */
export function alreadyExists(error: unknown): boolean {
  return error instanceof ApiStatusError && error.status === 409 && error.reason === "AlreadyExists";
}

/** A 404 to a write means that the namespace is missing, or that the object to replace has been deleted meanwhile. */
function missing(error: ApiStatusError): WriteResult {
  return /^namespaces "/.test(error.message) ? { kind: "no-namespace" } : { kind: "conflict" };
}
