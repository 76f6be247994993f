import { z } from "zod";
import { manifestObjects } from "../../domain/manifest/objects.ts";
import type { Helm } from "../../ports/helm.ts";
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
      const { revision } = await helm.apply(rendered.render, context.signal, options);
      return { applied: { revision } };
    },
  };
}
