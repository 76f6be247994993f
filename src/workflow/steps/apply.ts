import { z } from "zod";
import { canonicalJson } from "../../domain/canonical-json.ts";
import { manifestObjects } from "../../domain/manifest/objects.ts";
import type { Helm, HelmRelease } from "../../ports/helm.ts";
import { repairRelease } from "../repair-release.ts";
import type { Step } from "../workflow-builder.ts";
import type { SecretsGive } from "./secrets.ts";
import type { InstallStart } from "./start.ts";

const givesSchema = z.object({ applied: z.object({ revision: z.number() }) });

/** The Helm revision that was applied. */
export type ApplyGive = z.infer<typeof givesSchema>;

/** Hands the chart to Helm, first bringing a release that an interrupted run left pending back to where Helm accepts it. */
export function applyStep(
  helm: Helm,
  options: { readonly takeOverConflicts: boolean },
): Step<InstallStart, InstallStart & SecretsGive, ApplyGive> {
  return {
    id: "apply",
    title: "Apply the chart",
    describe: ({ name, rendered }) => {
      const objects = manifestObjects(rendered.manifests);
      return {
        touches: [`Helm release ${name}`, `${objects.length} objects`],
        bytes: Buffer.byteLength(rendered.manifests),
        seconds: 10,
        undo: "migratectl uninstall (keeps data)",
      };
    },
    gives: givesSchema,
    run: async ({ name, namespace, rendered }, context) => {
      await repairRelease(helm, { name, namespace }, context);
      // Cut off after Helm had ended its work, or repaired to these very manifests: applying them again would only add a revision.
      const there =
        context.interrupted && !options.takeOverConflicts ? await deployed(helm, { name, namespace, rendered }, context.signal) : undefined;
      const { revision } = there ?? (await helm.apply(rendered.render, context.signal, options));
      return { applied: { revision } };
    },
  };
}

/** The newest revision if Helm has deployed exactly these manifests with it. */
async function deployed(
  helm: Helm,
  { name, namespace, rendered }: Pick<InstallStart, "name" | "namespace" | "rendered">,
  signal: AbortSignal,
): Promise<HelmRelease | undefined> {
  const found = await helm.find(name, namespace, signal);
  if (found?.status !== "deployed") return undefined;
  return objectsOf(await helm.manifest(name, namespace, signal)) === objectsOf(rendered.manifests) ? found : undefined;
}

/** The objects of a YAML stream as text that does not depend on their order. */
function objectsOf(manifests: string): string {
  return manifestObjects(manifests).map(canonicalJson).toSorted().join("\n");
}
