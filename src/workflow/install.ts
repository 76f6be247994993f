import type { Answers } from "../domain/answers/answers.ts";
import { Problem } from "../domain/errors/problem.ts";
import { type Finding, overall } from "../domain/finding.ts";
import { outsideReferences } from "../domain/manifest/images.ts";
import type { Plan } from "../domain/plan/plan.ts";
import type { Actor } from "../domain/plan/record.ts";
import type { Release } from "../domain/release/release.ts";
import type { Helm } from "../ports/helm.ts";
import { preflightFailed } from "./install/preflight-failed.ts";
import { recordFailure } from "./install/record-failure.ts";
import { repairable } from "./install/repairable.ts";
import { standing } from "./install/standing.ts";
import type { LeasePorts } from "./lease.ts";
import { planOf, sha256 } from "./plan-of.ts";
import type { Rendered } from "./render.ts";
import { type RunnerPorts, runPlan } from "./runner.ts";
import { applyStep } from "./steps/apply.ts";
import { identityStep } from "./steps/identity.ts";
import { leaseStep } from "./steps/lease.ts";
import { namespaceStep } from "./steps/namespace.ts";
import { type PushBundle, pushStep } from "./steps/push.ts";
import { beginStep, recordStep } from "./steps/record.ts";
import { type AwaitRollout, rolloutStep } from "./steps/rollout.ts";
import { type SecretPorts, secretsStep } from "./steps/secrets.ts";
import { type RunSmoke, smokeStep } from "./steps/smoke.ts";
import type { BundleStart, InstallStart } from "./steps/start.ts";
import { workflow } from "./workflow-builder.ts";

/** What a person asked for. */
export interface InstallRequest {
  readonly answers: Answers;
  readonly release: Release;
  readonly bundle: BundleStart | undefined;
  /** Refuse any image from outside the registry of the answers. */
  readonly airgap: boolean;
  /** Let the chart's value win where somebody else changed a field. */
  readonly takeOverConflicts: boolean;
  readonly skippedChecks: readonly { readonly check: string; readonly reason: string }[];
  readonly dryRun: boolean;
}

/** What an installation works through. */
export interface InstallPorts extends RunnerPorts, LeasePorts, SecretPorts {
  readonly helm: Helm;
  /** Checks cluster, registry and host, and renders the release for them. Reads only. */
  readonly preflight: (signal: AbortSignal) => Promise<{ readonly findings: readonly Finding[]; readonly rendered: Rendered }>;
  readonly by: (signal: AbortSignal) => Promise<Actor>;
  /** Shows the plan and asks. @throws Problem INSTALL_NOT_CONFIRMED, USAGE when nobody can be asked */
  readonly confirm: (plan: Plan, findings: readonly Finding[]) => Promise<void>;
  readonly push: PushBundle;
  readonly awaitRollout: AwaitRollout;
  readonly smoke: RunSmoke;
}

/** How an installation ended well. */
export interface InstallResult {
  readonly kind: "planned" | "unchanged" | "installed";
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  /** Actions that an earlier, interrupted run had done. */
  readonly resumed: number;
  readonly runFolder: string;
}

/** An installation, in the order it happens. */
function installation(ports: InstallPorts, request: InstallRequest) {
  return workflow<InstallStart>("install")
    .prepare(identityStep(ports.objects))
    .prepare(namespaceStep(ports.objects))
    .prepare(leaseStep(ports))
    .step(beginStep(ports.objects))
    .step(pushStep(ports.push))
    .step(secretsStep(ports))
    .step(applyStep(ports.helm, request))
    .step(rolloutStep(ports.awaitRollout))
    .step(smokeStep(ports.smoke))
    .step(recordStep(ports.objects));
}

/**
 * Installs a release, or goes on with an installation that was interrupted. Everything up to the confirmed plan reads only.
 * @throws Problem PREFLIGHT_FAILED, INSTALL_*, and what the failing action threw
 */
export async function install(ports: InstallPorts, request: InstallRequest, signal: AbortSignal): Promise<InstallResult> {
  const { findings: found, rendered } = await ports.preflight(signal);
  if (request.airgap) proveNothingOutside(rendered, request.answers);

  const start = await gatherStart(ports, request, rendered, signal);
  const story = installation(ports, request);
  const plan = planOf(story, start, subjectOf(start));
  const stands = await standing(ports, start, plan, signal);
  const findings = stands === "cut-off" ? repairable(found) : found;
  const result = { plan, findings, resumed: 0, runFolder: ports.run.path };

  if (stands === "unchanged") return { ...result, kind: "unchanged" };
  if (overall(findings) === "fail") throw preflightFailed(findings);
  if (request.dryRun) return { ...result, kind: "planned" };
  await ports.confirm(plan, findings);

  const failed = recordFailure(ports, start, plan);
  const { resumed } = await runPlan(ports, story, start, plan, { signal, onFailure: "keep", failed });
  return { ...result, kind: "installed", resumed };
}

async function gatherStart(ports: InstallPorts, request: InstallRequest, rendered: Rendered, signal: AbortSignal): Promise<InstallStart> {
  const { answers, release, bundle, skippedChecks } = request;
  const { name, namespace } = answers.release;
  const clusterUid = (await ports.objects.clusterUid(namespace, signal)) ?? "unknown";
  return { name, namespace, clusterUid, answers, release, bundle, rendered, skippedChecks, by: await ports.by(signal) };
}

function subjectOf({ name, namespace, clusterUid, answers, release, rendered, bundle }: InstallStart) {
  return {
    release: { name, namespace, version: release.version },
    clusterUid,
    ...(bundle === undefined ? {} : { bundleDigest: bundle.digest }),
    inputs: {
      answers: sha256(JSON.stringify(answers)),
      values: sha256(rendered.values),
      manifests: sha256(rendered.manifests),
      chart: release.chart.digest,
    },
  };
}

function proveNothingOutside({ manifests }: Rendered, { registry }: Answers): void {
  const outside = outsideReferences(manifests, registry.host);
  if (outside.length === 0) return;
  throw new Problem("INSTALL_OUTSIDE_REFERENCE", {
    what: `${outside.length} image references are not in ${registry.host}: ${outside.join(", ")}`,
    data: { outside },
  });
}
