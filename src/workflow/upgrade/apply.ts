import type { Helm } from "../../ports/helm.ts";
import type { Place } from "../run/carry-out.ts";
import type { Step, StepContext } from "../run/step.ts";
import { type ApplyGive, type ApplyPorts, applyStep } from "../steps/apply.ts";
import { settledRelease } from "../steps/repair-release.ts";
import type { AwaitRollout } from "../steps/rollout.ts";
import type { RunSmoke } from "../steps/smoke.ts";
import type { UpgradeStart } from "./upgrade-start.ts";

/** What applying a release over another one, and taking that back, works through. */
export interface UpgradeApplyPorts extends ApplyPorts {
  readonly awaitRollout: AwaitRollout;
  /** Tries out the release that was upgraded. */
  readonly smokeBefore: RunSmoke<UpgradeStart>;
}

/**
 * Applies the chart. Taken back, Helm has the revision of before deployed again, everything of it is ready, and its smoke test has passed: the
 * migrations that ran until then only add, and the old code works with what they added.
 */
export function upgradeApplyStep(
  ports: UpgradeApplyPorts,
  options: { readonly takeOverConflicts: boolean },
): Step<UpgradeStart, UpgradeStart, ApplyGive, { readonly revision: number }> {
  const apply = applyStep(ports, options);
  return {
    ...apply,
    describe: (start) => {
      const { touches, ...rest } = apply.describe(start);
      const { migrations } = start.schema;
      const ids = migrations.map(({ id, kind }) => `${id} (${kind})`).join(", ");
      return {
        ...rest,
        touches: [...touches, ...(migrations.length === 0 ? [] : [`the database's schema: ${ids}`])],
        undo: `helm rollback to revision ${start.from.revision} (${start.from.version})`,
      };
    },
    undo: async (start, _done, context) => {
      await rolledBack(ports.helm, start, start.from.revision, context);
      await ports.awaitRollout(start, { signal: context.signal, view: context.view, lastResort: true });
      await ports.smokeBefore(start, context);
    },
  };
}

/** Helm's own word for a revision that a rollback made. */
const rollbackTo = (revision: number): string => `Rollback to ${revision}`;

/** Has Helm deploy a revision again, unless that is what it has. */
export async function rolledBack(helm: Helm, { name, namespace }: Place, revision: number, context: StepContext): Promise<void> {
  // A helm that outlived a killed run would write its revision after ours.
  const found = await settledRelease(helm, { name, namespace, ours: revision }, context);
  if (found === undefined || found.revision === revision) return;
  if (found.status === "deployed" && found.description === rollbackTo(revision)) return;
  await helm.rollback(name, namespace, revision, context.signal);
}
