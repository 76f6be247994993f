import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { Place } from "../run/carry-out.ts";
import { readRecord } from "../run/record-book.ts";
import type { Step } from "../run/step.ts";

/** Stops before the first write when this is not the cluster that the plan was made for, or not the one the record belongs to. Reads only. */
export function identityStep(objects: ClusterObjects): Step<Place, Place, object> {
  return {
    id: "identity",
    title: "Make sure it is the same cluster",
    describe: () => ({ touches: [], bytes: 0, seconds: 1, undo: "reads only" }),
    gives: z.object({}),
    run: async ({ name, namespace, clusterUid }, { signal }) => {
      const now = await objects.clusterUid(namespace, signal);
      if (differ(now ?? unknown, clusterUid)) throw other(`the plan is for cluster ${clusterUid}, this one is ${now}`);
      const record = await readRecord(objects, namespace, signal);
      if (record !== undefined && differ(record.record.clusterUid, clusterUid)) {
        throw other(`the record in namespace ${namespace} belongs to cluster ${record.record.clusterUid}, this one is ${clusterUid}`);
      }
      if (record !== undefined && record.record.release !== name)
        throw new Problem("INSTALL_OTHER_RELEASE", {
          what: `namespace ${namespace} holds the secrets and the record of release ${record.record.release}, not of ${name}`,
        });
      return {};
    },
  };
}

/** Identity of a cluster that does not let the user see anything that names it. */
const unknown = "unknown";

/** Two identities of the same kind that are not equal; a UID and the hash of a CA say nothing about each other. */
function differ(a: string, b: string): boolean {
  return a !== b && a !== unknown && b !== unknown && a.startsWith("ca:") === b.startsWith("ca:");
}

function other(what: string): Problem {
  return new Problem("INSTALL_OTHER_CLUSTER", { what });
}
