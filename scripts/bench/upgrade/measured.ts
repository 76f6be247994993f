/** What `npm run bench:upgrade` has measured; seconds and bytes. */
export interface MeasuredUpgrade {
  /** ISO date. */
  readonly date: string;
  readonly machine: string;
  /** Sent to the registry by an upgrade, and the blobs that the older bundle lacks. */
  readonly pushed: { readonly sentBytes: number; readonly changedBytes: number; readonly bundleBytes: number };
  /** Upgrades by migratectl and by `helm upgrade --wait` with a smoke test, pair by pair. */
  readonly pairs: readonly { readonly ours: Loaded; readonly helm: Loaded }[];
  /** The same load while nothing else was done. */
  readonly idle: Loaded;
  /** From the moment at which the crash was told until the release of before had passed its smoke test. */
  readonly takenBack: readonly number[];
  readonly diff: { readonly objects: number; readonly seconds: readonly number[] };
}

/** Something done while a client wrote. */
export interface Loaded {
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  /** Longest time between two acknowledged requests, seconds. */
  readonly gap: number;
}
