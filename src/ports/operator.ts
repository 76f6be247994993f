import type { LeaseHolder } from "./cluster-objects.ts";

/** The person and process that run this command, and what this machine knows of others. */
export interface Operator {
  /** This process as it signs the Lease; `run` is the id of its run. */
  holder(run: string): LeaseHolder;
  /** True only when the holder was a process of this machine that certainly does not live any more. */
  isGone(holder: LeaseHolder): boolean;
}
