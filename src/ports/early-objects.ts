/** Kinds of which objects are made ahead. */
export const earlyKinds = ["ServiceAccount", "ConfigMap", "PersistentVolumeClaim"] as const;

/** Objects of the chart that have to be there before Helm applies it. */
export interface EarlyObjects {
  /**
   * Makes an object of one of the {@link earlyKinds} as the chart has it, so that Helm takes it for its own afterwards; one that is there is
   * left as it is. @throws Problem CLUSTER_*
   */
  create(manifest: object, signal: AbortSignal): Promise<void>;
}
