import { z } from "zod";
import { canonicalJson } from "../../domain/canonical-json.ts";
import { isObject, type ManifestObject, manifestObjects } from "../../domain/manifest/objects.ts";
import { type ObjectReference, releaseObjects } from "../../domain/manifest/release-objects.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { Helm } from "../../ports/helm.ts";
import type { Rendered } from "../render/render-release.ts";
import type { Place } from "../run/carry-out.ts";
import { chartLabels } from "../run/labels.ts";
import type { LookContext, Step } from "../run/step.ts";
import { repairRelease } from "./repair-release.ts";

const givesSchema = z.object({ applied: z.object({ revision: z.number() }) });
const beforeSchema = z.object({ revision: z.number() });

/** The Helm revision that was applied. */
export type ApplyGive = z.infer<typeof givesSchema>;

/** What applying works from. */
export type ApplyNeed = Place & { readonly rendered: Rendered };

/** What applying works through. */
export interface ApplyPorts {
  readonly helm: Helm;
  readonly objects: ClusterObjects;
}

/** Hands the chart to Helm, first bringing a release that an interrupted run left pending back to where Helm accepts it. */
export function applyStep(
  { helm, objects }: ApplyPorts,
  options: { readonly takeOverConflicts: boolean },
): Step<ApplyNeed, ApplyNeed, ApplyGive, z.infer<typeof beforeSchema>> {
  // The plan is made after one look at the cluster, and carried out after another.
  let told = "";
  return {
    id: "apply",
    title: "Apply the chart",
    describe: ({ name, rendered }) => {
      const all = manifestObjects(rendered.manifests);
      return {
        touches: [`Helm release ${name}`, `${all.length} objects`],
        bytes: Buffer.byteLength(rendered.manifests),
        seconds: 10,
        undo: "migratectl uninstall (keeps data)",
      };
    },
    gives: givesSchema,
    // A pending revision above this one is the work of our own run that was cut off; any other is somebody else's.
    before: {
      schema: beforeSchema,
      gather: async ({ name, namespace }, { signal }) => ({ revision: (await helm.find(name, namespace, signal))?.revision ?? 0 }),
    },
    run: async (need, context, before) => {
      const { name, namespace, rendered } = need;
      await repairRelease(helm, { name, namespace, ours: context.interrupted ? before.revision : undefined }, context);
      // Repaired to these very manifests, or brought to its end by an orphan: applying them again would only add a revision.
      const there = context.interrupted ? await deployedRevision(need, context) : undefined;
      if (there !== undefined) return { applied: { revision: there } };
      // A Job does not start again; applied over itself it would stay failed for ever.
      for (const job of await failedJobs(need, context.signal)) await objects.deleteObject(namespace, "Job", job, context.signal);
      const { revision } = await helm.apply(rendered.render, context.signal, options);
      return { applied: { revision } };
    },
    alreadySo: async (need, context) => {
      const revision = await deployedRevision(need, context);
      return revision === undefined ? undefined : { applied: { revision } };
    },
  };

  /** The newest revision, if Helm has deployed exactly these manifests with it, nobody has deleted any of it, and no Job has given up. */
  async function deployedRevision(need: ApplyNeed, { signal, note }: LookContext): Promise<number | undefined> {
    const { name, namespace, rendered } = need;
    if (options.takeOverConflicts) return undefined;
    const found = await helm.find(name, namespace, signal);
    if (found?.status !== "deployed") return undefined;
    if (objectsOf(await helm.manifest(name, namespace, signal)) !== objectsOf(rendered.manifests)) return undefined;
    const deleted = await objects.absentObjects(lasting(rendered.manifests, namespace), signal);
    const text = deletedText(deleted);
    if (text !== "" && text !== told) note(text);
    told = text;
    return deleted.length === 0 && (await failedJobs(need, signal)).length === 0 ? found.revision : undefined;
  }

  /** Names of the chart's own Jobs (not of those that its CronJobs make) that gave up. */
  async function failedJobs({ name, namespace, rendered }: ApplyNeed, signal: AbortSignal): Promise<readonly string[]> {
    const own = new Set(manifestObjects(rendered.manifests).flatMap((object) => (object["kind"] === "Job" ? [nameOf(object)] : [])));
    if (own.size === 0) return [];
    const jobs = await objects.listLabelled(namespace, "Job", chartLabels(name), signal);
    return jobs.filter((job) => job.failed === true && own.has(job.name)).map((job) => job.name);
  }
}

/** The objects that are there for as long as the release is. */
function lasting(manifests: string, namespace: string): readonly ObjectReference[] {
  return releaseObjects(manifests, namespace).flatMap(({ reference, passing }) => (passing ? [] : [reference]));
}

/** Empty when nothing was. */
function deletedText(deleted: readonly ObjectReference[]): string {
  if (deleted.length === 0) return "";
  const some = deleted.slice(0, 5).map(({ kind, name }) => `${kind}/${name}`);
  const rest = deleted.length > some.length ? ` and ${deleted.length - some.length} more` : "";
  return `Not there any more, and made anew: ${some.join(", ")}${rest}`;
}

function nameOf({ metadata }: ManifestObject): unknown {
  return isObject(metadata) ? metadata["name"] : undefined;
}

/** The objects of a YAML stream as text that does not depend on their order. */
function objectsOf(manifests: string): string {
  return manifestObjects(manifests).map(canonicalJson).toSorted().join("\n");
}
