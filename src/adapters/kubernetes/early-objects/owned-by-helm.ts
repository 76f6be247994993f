import { z } from "zod";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";

const manifestSchema = z.looseObject({
  metadata: z.looseObject({
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});

/** The object with what Helm itself notes at what it makes: without it the next `helm upgrade` takes the object for somebody else's. */
export function ownedByHelm(manifest: object, { release, namespace }: ReleaseScope): object {
  const { metadata, ...rest } = manifestSchema.parse(manifest);
  const owner = { "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace };
  return {
    ...rest,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, "app.kubernetes.io/managed-by": "Helm" },
      annotations: { ...metadata.annotations, ...owner },
    },
  };
}
