import { z } from "zod";
import { holdLease, type LeasePorts } from "../run/lease.ts";
import type { Step } from "../run/step.ts";

/** Takes the Lease for the time of the run; when it is lost, the run is aborted. */
export function leaseStep(ports: LeasePorts): Step<{ readonly namespace: string }, { readonly namespace: string }, object> {
  return {
    id: "lease",
    title: "Keep other operators out (Lease/migratectl)",
    describe: () => ({ touches: [], bytes: 0, seconds: 1, undo: "given back when the run ends" }),
    gives: z.object({}),
    run: async ({ namespace }, context) => {
      const lease = await holdLease(ports, namespace, context.run.id, { lost: context.abort, waiting: context.note }, context.signal);
      context.onEnd(lease.release);
      if (lease.takenFrom !== undefined)
        context.note(
          `Took over from run ${lease.takenFrom.run} of ${lease.takenFrom.user}@${lease.takenFrom.host}, which has ended without saying so.`,
        );
      return {};
    },
  };
}
