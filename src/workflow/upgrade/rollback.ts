import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { Actor } from "../../domain/plan/record.ts";
import { type HelmRevision, readableRevisions, restorePointAfter, rollbackTarget } from "../../domain/upgrade/rollback.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { Helm } from "../../ports/helm.ts";
import { unlessNoDatabase } from "../restore/no-database.ts";
import { type CarryOutPorts, carryOut, makePlan, type Place, type Undertaking } from "../run/carry-out.ts";
import type { LeasePorts } from "../run/lease.ts";
import { readSituation, type Situation, unfinishedJournal } from "../run/situation.ts";
import { type Step, workflow } from "../run/step.ts";
import { identityStep } from "../steps/identity.ts";
import { leaseStep } from "../steps/lease.ts";
import { type AwaitRollout, rolloutStep } from "../steps/rollout.ts";
import { type RunSmoke, smokeStep } from "../steps/smoke.ts";
import { rolledBack } from "./apply.ts";

/** What is known before the first write of going back. */
interface RollbackStart extends Place {
  readonly from: HelmRevision;
  readonly to: HelmRevision;
}

/** What going back works through. */
export interface RollbackPorts extends CarryOutPorts, LeasePorts {
  readonly host: Pick<BackupHost, "examine">;
  readonly by: (signal: AbortSignal) => Promise<Actor>;
  /** Shows the plan and asks. @throws Problem INSTALL_NOT_CONFIRMED, USAGE when nobody can be asked */
  readonly confirm: (plan: Plan) => Promise<void>;
  readonly awaitRollout: AwaitRollout;
  readonly smoke: RunSmoke<RollbackStart>;
}

/** What a person asked for. */
export interface RollbackRequest {
  readonly name: string;
  readonly namespace: string;
  /** A revision of Helm's or a version; undefined: the version before. */
  readonly to: string | undefined;
  /** Why the schema is not looked at. */
  readonly skipSchema: string | undefined;
  readonly dryRun: boolean;
}

/** How going back ended well. */
export interface RollbackResult {
  readonly kind: "planned" | "rolled-back";
  readonly from: HelmRevision;
  readonly to: HelmRevision;
  readonly plan: Plan;
  /** Actions that an earlier, interrupted run had done. */
  readonly resumed: number;
}

/** The check that --skip-check names. */
export const schemaCheck = "schema";

/** Going back, in the order it happens. It puts an end to an upgrade that was interrupted or left as it failed. */
function goingBack(ports: RollbackPorts) {
  return workflow<RollbackStart>("rollback", ["upgrade"])
    .prepare(identityStep(ports.objects))
    .prepare(leaseStep(ports))
    .step(deployStep(ports.helm))
    .step(rolloutStep<RollbackStart>(ports.awaitRollout, { lastResort: true }))
    .step(smokeStep(ports.smoke));
}

/** Has Helm deploy the earlier revision. */
function deployStep(helm: Helm): Step<RollbackStart, RollbackStart, object> {
  return {
    id: "deploy",
    title: "Deploy the earlier revision",
    describe: ({ name, from, to }) => ({
      touches: [`Helm release ${name}: from revision ${from.revision} (${from.version}) to ${to.revision} (${to.version})`],
      bytes: 0,
      seconds: 10,
      undo: "migratectl upgrade",
    }),
    gives: z.object({}),
    run: async (start, context) => {
      await rolledBack(helm, start, start.to.revision, context);
      return {};
    },
  };
}

/**
 * Goes back to a release that was installed before, when its code works with the database's schema as it is.
 * @throws Problem ROLLBACK_*, RUN_UNFINISHED, PLAN_STALE, and what the failing action threw
 */
export async function rollback(ports: RollbackPorts, request: RollbackRequest, signal: AbortSignal): Promise<RollbackResult> {
  const { name, namespace, skipSchema } = request;
  const clusterUid = (await ports.objects.clusterUid(namespace, signal)) ?? "unknown";
  const situation = await readSituation(ports, { name, namespace }, signal);
  const { from, to, proved } = await wayBack(ports, request, situation, signal);
  if (!proved && skipSchema === undefined) await requireReadable(ports, situation, to, signal);
  const start: RollbackStart = { name, namespace, clusterUid, from, to };
  const undertaking: Undertaking<RollbackStart> = {
    workflow: goingBack(ports),
    start,
    subject: () => ({ version: to.version, inputs: { from: String(from.revision), fromVersion: from.version, to: String(to.revision) } }),
    by: await ports.by(signal),
    skippedChecks: skipSchema === undefined ? [] : [{ check: schemaCheck, reason: skipSchema }],
  };
  const planned = await makePlan(ports, undertaking, signal);
  const result = { from, to, plan: planned.plan, resumed: 0 };
  if (request.dryRun) return { ...result, kind: "planned" };
  await ports.confirm(planned.plan);
  const { resumed } = await carryOut(ports, undertaking, planned, signal);
  return { ...result, kind: "rolled-back", resumed };
}

/** From where to where; `proved`: an upgrade that was begun has left the schema so that the code of before works with it, by how it is made. */
async function wayBack(
  { helm }: RollbackPorts,
  { name, namespace, to: wanted }: RollbackRequest,
  situation: Situation,
  signal: AbortSignal,
): Promise<{ readonly from: HelmRevision; readonly to: HelmRevision; readonly proved: boolean }> {
  const history = (await helm.history(name, namespace, signal)).map(({ revision, appVersion, status }) => ({
    revision,
    version: appVersion,
    status,
  }));
  const current = history.at(-1);
  if (current === undefined) throw new Problem("UPGRADE_NOTHING", { what: `there is no release ${name} in namespace ${namespace}` });
  const unfinished = unfinishedJournal(situation);
  const { inputs } = unfinished?.plan ?? { inputs: {} as Readonly<Record<string, string>> };
  const at = (revision: string | undefined) => history.find((one) => one.revision === Number(revision));
  if (unfinished?.plan.workflow === "rollback") {
    const [from, to] = [at(inputs["from"]), at(inputs["to"])];
    if (from !== undefined && to !== undefined && (wanted === undefined || [String(to.revision), to.version].includes(wanted)))
      return { from, to, proved: true };
  }
  const before = unfinished?.plan.workflow === "upgrade" ? at(inputs["revision"]) : undefined;
  if (before !== undefined && (wanted === undefined || [String(before.revision), before.version].includes(wanted)))
    return { from: current, to: before, proved: true };
  return { from: current, to: rollbackTarget(history, current, wanted), proved: false };
}

/** @throws Problem ROLLBACK_SCHEMA, ROLLBACK_SCHEMA_UNKNOWN */
async function requireReadable(
  { host }: RollbackPorts,
  { record }: Situation,
  { version }: HelmRevision,
  signal: AbortSignal,
): Promise<void> {
  const entries = record?.record.entries ?? [];
  const readable = readableRevisions(entries, version);
  const found = (await host.examine("counts", signal).catch(unlessNoDatabase))?.schemaRevision;
  if (readable === undefined || found === undefined)
    throw new Problem("ROLLBACK_SCHEMA_UNKNOWN", {
      what:
        readable === undefined
          ? `the record does not tell which schema ${version} works with`
          : "the database does not answer, so that its schema is not known",
    });
  if (readable.includes(found)) return;
  const point = restorePointAfter(entries, version);
  throw new Problem("ROLLBACK_SCHEMA", {
    what: `the database's schema is at revision ${found}; ${version} works with ${readable.join(", ")}`,
    ...(point === undefined
      ? {}
      : {
          fix: `Restore the moment before it, which loses what was written since: migratectl backup restore --to-name ${point} --skip-check "schema=going back to ${version}". Then run the same command again.`,
        }),
    data: { found, readable },
  });
}
