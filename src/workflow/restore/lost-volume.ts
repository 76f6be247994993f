import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import { isObject, type ManifestObject, manifestObjects } from "../../domain/manifest/objects.ts";
import type { Clock } from "../../ports/clock.ts";
import { type DataClaim, dataClaimName } from "../../ports/data-claim.ts";
import type { Helm } from "../../ports/helm.ts";
import type { RestorePods } from "../../ports/restore-pods.ts";
import { awaitSomething } from "../await-something.ts";
import type { Place } from "../run/carry-out.ts";
import type { Step } from "../run/step.ts";
import { gone } from "./recover.ts";
import type { RestoreStart } from "./restore-start.ts";
import type { StopDatabaseGive } from "./stop-database.ts";

/** Names the pod from which a repository is asked while the database has none. */
const asker = "ask";

/** Milliseconds until that pod runs: its image has to come, and the repository's volume. */
const runsWithin = 300_000;

/**
 * Works with the repository although the database's pod does not run: a pod of its own mounts it, and the backup host finds that. It is gone
 * before anything else needs the volume. @throws Problem DEADLINE, RESTORE_FAILED, BACKUP_HOST_MISSING, and what the work throws
 */
export async function withRepository<T>(
  { pods, clock }: { readonly pods: RestorePods; readonly clock: Clock },
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  await pods.start({ id: asker, args: ["idle"], withoutData: true }, signal);
  try {
    await awaitSomething(`the pod that looks at the repository does not run`, runsWithin, { clock, signal }, async () => {
      const pod = await pods.find(asker, signal);
      if (pod?.phase === "failed" || pod?.phase === "succeeded")
        throw new Problem("RESTORE_FAILED", { what: `Pod/${pod.name} ended: ${pod.message ?? "it did not say why"}` });
      return pod?.phase === "running" ? true : undefined;
    });
    return await work();
  } finally {
    await gone(pods, asker, { clock, signal: signal.aborted ? AbortSignal.timeout(30_000) : signal });
  }
}

/** Makes the claim of a data volume that is lost anew, as Helm's record has it. */
export function claimStep(ports: {
  readonly claim: DataClaim;
  readonly helm: Helm;
}): Step<RestoreStart, RestoreStart & StopDatabaseGive, object> {
  const { claim, helm } = ports;
  return {
    id: "claim",
    title: "Make the claim of the lost volume anew",
    describe: () => ({
      touches: [`PersistentVolumeClaim/${dataClaimName}`],
      bytes: 0,
      seconds: 5,
      undo: "stays, empty",
    }),
    unneeded: ({ volumeLost }) => (volumeLost ? undefined : {}),
    gives: z.object({}),
    run: async ({ name, namespace }, { signal }) => {
      await claim.create(await recordedClaim(helm, { name, namespace }, signal), signal);
      return {};
    },
  };
}

/** The claim as Helm recorded it. @throws Problem RESTORE_FAILED when the record has none */
async function recordedClaim(
  helm: Helm,
  { name, namespace }: Pick<Place, "name" | "namespace">,
  signal: AbortSignal,
): Promise<ManifestObject> {
  const all = manifestObjects(await helm.manifest(name, namespace, signal));
  const found = all.find(
    ({ kind, metadata }) => kind === "PersistentVolumeClaim" && isObject(metadata) && metadata["name"] === dataClaimName,
  );
  if (found !== undefined) return found;
  throw new Problem("RESTORE_FAILED", {
    what: `PersistentVolumeClaim/${dataClaimName} is gone, and Helm's record of ${name} has none to make anew`,
  });
}
