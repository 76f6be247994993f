import { z } from "zod";
import type { LeaseClaim, LeaseHolder, LeaseState, WriteResult } from "../../ports/cluster-objects.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiStatusError } from "./api-errors.ts";
import { leaseSchema } from "./objects-shapes.ts";
import { fieldManager, written } from "./objects-write.ts";

/** Annotation that holds what holderIdentity has no room for. */
const holderAnnotation = "migratectl.io/holder";

const holderSchema = z.object({
  user: z.string(),
  host: z.string(),
  pid: z.number(),
  run: z.string(),
  machine: z.string(),
  processStart: z.string(),
});

const path = (namespace: string, name?: string) =>
  `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases${name === undefined ? "" : `/${name}`}`;

/** Reads the Lease and, from the Date of the answer, the API server's time. */
export async function readLease(
  client: ApiClient,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly lease: LeaseState | undefined; readonly now: Date }> {
  try {
    const { headers, body } = await client.answer({ method: "GET", path: path(namespace, name), signal });
    return { lease: stateOf(leaseSchema.parse(JSON.parse(body))), now: timeOf(headers.date) };
  } catch (error) {
    if (!(error instanceof ApiStatusError) || error.status !== 404) throw error;
    const { headers } = await client.answer({ method: "GET", path: "/version", signal });
    return { lease: undefined, now: timeOf(headers.date) };
  }
}

/** Creates (no version) or replaces the Lease, compare-and-swap. */
export async function writeLease(
  client: ApiClient,
  namespace: string,
  name: string,
  claim: LeaseClaim,
  version: string | undefined,
  signal: AbortSignal,
): Promise<WriteResult> {
  const { user, host, pid } = claim.holder;
  const annotation = JSON.stringify(claim.holder);
  const renewTime = micro(new Date());
  const body = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name,
      namespace,
      resourceVersion: version,
      labels: { "app.kubernetes.io/managed-by": fieldManager },
      annotations: { [holderAnnotation]: annotation },
    },
    spec: {
      holderIdentity: `${user}@${host}/${pid}`,
      leaseDurationSeconds: claim.durationSeconds,
      acquireTime: micro(claim.acquiredAt),
      renewTime,
    },
  };
  const method = version === undefined ? "POST" : "PUT";
  const target = path(namespace, version === undefined ? undefined : name);
  return await written(
    () => client.request({ method, path: target, query: { fieldManager }, body, signal, repeatable: true }, leaseSchema),
    async () => {
      const found = await client.find(path(namespace, name), leaseSchema, signal);
      const ours = found?.metadata.annotations[holderAnnotation] === annotation && found.spec.renewTime === renewTime;
      return ours ? found.metadata.resourceVersion : undefined;
    },
  );
}

/** Deletes the Lease if its version is still the one given. */
export async function deleteLease(client: ApiClient, namespace: string, name: string, version: string, signal: AbortSignal): Promise<void> {
  try {
    await client.text({ method: "DELETE", path: path(namespace, name), body: { preconditions: { resourceVersion: version } }, signal });
  } catch (error) {
    if (!(error instanceof ApiStatusError && (error.status === 404 || error.status === 409))) throw error;
  }
}

function stateOf({ metadata, spec }: z.infer<typeof leaseSchema>): LeaseState {
  const renewed = metadata.managedFields.find(({ manager }) => manager === fieldManager)?.time ?? spec.renewTime;
  return {
    holder: holderOf(metadata.annotations[holderAnnotation], spec.holderIdentity),
    acquiredAt: new Date(spec.acquireTime ?? 0),
    // managedFields carry the API server's clock in whole seconds; renewTime is the other jump host's.
    renewedAt: new Date(renewed ?? 0),
    durationSeconds: spec.leaseDurationSeconds,
    version: metadata.resourceVersion,
  };
}

/** A Lease that somebody made by hand still names a holder. */
function holderOf(annotation: string | undefined, identity: string): LeaseHolder {
  try {
    return holderSchema.parse(JSON.parse(annotation ?? ""));
  } catch {
    return { user: identity, host: "unknown", pid: 0, run: "unknown", machine: "", processStart: "" };
  }
}

function timeOf(date: string | undefined): Date {
  return date === undefined ? new Date() : new Date(date);
}

/** MicroTime, as Leases want it. */
function micro(time: Date): string {
  return time.toISOString().replace("Z", "000Z");
}
