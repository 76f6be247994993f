import type { Digest } from "../domain/digest.ts";
import type { ErrorCode } from "../domain/errors/catalogue.ts";
import type { RegistryAddress } from "../domain/image-reference.ts";
import type { Descriptor } from "../domain/oci/descriptor.ts";
import type { ByteSource } from "./bundle-file.ts";

/** A registry as the answers name it, secrets resolved. Lives in memory only. */
export interface RegistryTarget extends RegistryAddress {
  readonly plainHttp: boolean;
  /** PEM of the private CA, trusted besides the system's. */
  readonly caPem?: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** What `docker login` got in place of a password; buys tokens where the registry has a token server. */
  readonly identityToken?: string;
}

/** What asking a registry showed; `refused` carries the code and text of the matching catalogue error. */
export type RegistryReading =
  | { readonly kind: "usable"; readonly writable: boolean; readonly detail: string; readonly certificateNotAfter?: string }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly what: string; readonly fix: string };

/** Read-only questions to a registry (preflight). */
export interface RegistryReader {
  /** Reachability, certificate, credentials and, by opening and cancelling an upload session, the right to push. Leaves nothing behind. */
  probe(target: RegistryTarget, signal: AbortSignal): Promise<RegistryReading>;
  /** True when the manifest is there; `repository` is without the target's prefix. @throws Problem REGISTRY_* */
  hasManifest(target: RegistryTarget, repository: string, digest: Digest, signal: AbortSignal): Promise<boolean>;
}

/**
 * A conversation with one registry: connections, credentials and tokens are kept until close. Repositories are full names (prefix included).
 * Every method retries what passes by itself (dropped connections, 429, 5xx) and throws Problem REGISTRY_* for the rest.
 */
export interface Registry {
  readonly target: RegistryTarget;
  /** Makes sure that a registry answers, that TLS is in order and the credentials are taken. */
  ping(signal: AbortSignal): Promise<void>;
  /** True when the repository has the blob with that size. */
  hasBlob(repository: string, blob: Descriptor, signal: AbortSignal): Promise<boolean>;
  /** Digest of what a tag (or digest) stands for, or undefined when it is not there. */
  manifestDigest(repository: string, reference: string, signal: AbortSignal): Promise<Digest | undefined>;
  /** Content of a manifest as it is stored, or undefined when it is not there; the caller judges it. */
  manifest(
    repository: string,
    reference: string,
    signal: AbortSignal,
  ): Promise<{ readonly content: Uint8Array; readonly digest: Digest } | undefined>;
  /** Content of a blob; redirects are followed without credentials. @throws Problem IMAGE_SOURCE_MISSING when it is not there */
  blob(repository: string, blob: Descriptor, signal: AbortSignal): ByteSource;
  /** Makes a blob of another repository appear in this one without sending it; false when the registry would not. */
  mountBlob(repository: string, blob: Descriptor, from: string, signal: AbortSignal): Promise<boolean>;
  /** Sends a blob; `read` is called anew for every try, `sent` gets the bytes of the present try. */
  pushBlob(
    repository: string,
    blob: Descriptor,
    read: (start: number) => ByteSource,
    sent: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Stores a manifest under a tag or digest. @throws Problem REGISTRY_TAG_IMMUTABLE, REGISTRY_CORRUPTED */
  pushManifest(repository: string, reference: string, manifest: Descriptor, content: Uint8Array, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Opens conversations with registries; nothing is sent before the first question. */
export interface RegistryConnector {
  /** @throws Problem REGISTRY_CA_INVALID */
  connect(target: RegistryTarget): Registry;
}
