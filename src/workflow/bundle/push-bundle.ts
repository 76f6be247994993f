import type { BundleOpener } from "../../ports/bundle-file.ts";
import type { Progress } from "../../ports/progress.ts";
import type { Registry } from "../../ports/registry.ts";
import { type PushResult, push } from "./push.ts";
import { type PushPlan, planPush } from "./push-plan.ts";
import { task } from "./task.ts";

/** A push that was planned, and carried out unless it was a dry run. */
export interface PushOutcome {
  readonly bundle: string;
  readonly plan: PushPlan;
  readonly result?: PushResult;
  /** Seconds that the transfer took. */
  readonly seconds?: number;
}

/** What pushing a bundle needs from outside. */
export interface PushPorts {
  readonly bundles: BundleOpener;
  readonly registry: Registry;
  readonly progress: Progress;
}

/**
 * Plans a push, tells it, and carries it out; a dry run ends with the plan.
 * @throws Problem BUNDLE_*, REGISTRY_*, FILE_UNREADABLE
 */
export async function pushBundle(
  { bundles, registry, progress }: PushPorts,
  path: string,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<PushOutcome> {
  const bundle = await bundles.open(path, signal);
  try {
    const { target } = registry;
    const plan = await task(progress, "plan", `Ask ${target.host} what it has`, () => planPush(bundle, registry, target, signal));
    if (dryRun) return { bundle: path, plan };
    const started = performance.now();
    const result = await task(progress, "push", `Push to ${target.host}`, (advance) => push(plan, bundle, registry, advance, signal));
    return { bundle: path, plan, result, seconds: (performance.now() - started) / 1000 };
  } finally {
    registry.close();
    await bundle.close();
  }
}
