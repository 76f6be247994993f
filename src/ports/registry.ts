import type { Digest } from "../domain/digest.ts";
import type { ErrorCode } from "../domain/errors/catalogue.ts";

/** A registry as the answers name it, secrets resolved. Lives in memory only. */
export interface RegistryTarget {
  /** `HOST[:PORT]` */
  readonly host: string;
  /** Path put before every repository, without slashes at its ends; may be empty. */
  readonly prefix: string;
  readonly plainHttp: boolean;
  /** PEM of the private CA. */
  readonly caPem?: string;
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** What asking a registry showed; `refused` carries the code and text of the matching catalogue error. */
export type RegistryReading =
  | { readonly kind: "usable"; readonly writable: boolean; readonly detail: string; readonly certificateNotAfter?: string }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly what: string; readonly fix: string };

/** Read-only questions to a registry (preflight). */
export interface RegistryReader {
  /** Reachability, certificate, credentials and, by opening and cancelling an upload session, the right to push. Leaves nothing behind. */
  probe(target: RegistryTarget, signal: AbortSignal): Promise<RegistryReading>;
  /** True when the manifest is there. */
  hasManifest(target: RegistryTarget, repository: string, digest: Digest, signal: AbortSignal): Promise<boolean>;
}
