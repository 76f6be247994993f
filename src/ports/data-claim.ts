/** The claim of the primary's data volume. Every method may throw Problem CLUSTER_*. */
export interface DataClaim {
  /** False when the claim was deleted, and with it what it held. */
  exists(signal: AbortSignal): Promise<boolean>;
  /** Makes the claim as Helm's record has it, so that it is the release's again; one that is there is left as it is. */
  create(manifest: object, signal: AbortSignal): Promise<void>;
}

/** Name of the claim. */
export const dataClaimName = "data-postgres-0";
