import type { Dumped } from "./dump.ts";
import type { Item } from "./items.ts";
import type { Lag } from "./rpo.ts";

/** One round: ours and the bare one, one after the other on the same data. */
export interface Pair {
  readonly ours: readonly Item[];
  readonly bare: readonly Item[];
  /** Bytes of WAL that each of them replayed. */
  readonly walBytes: number;
}

/** Rounds with a database of one size. */
export interface Sized {
  readonly name: string;
  /** Of the database, and of its full backup in the repository. */
  readonly bytes: number;
  readonly repositoryBytes: number;
  readonly pairs: readonly Pair[];
}

/** Everything that one run of the bench has measured. */
export interface Measured {
  readonly date: string;
  readonly machine: string;
  /** The vectors alone, then with the rows. */
  readonly sizes: readonly [Sized, Sized];
  readonly dumped: Dumped;
  readonly processes: readonly { readonly processes: number; readonly seconds: number }[];
  readonly lags: readonly Lag[];
}
