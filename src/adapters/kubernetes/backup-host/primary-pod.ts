import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import { isObject, manifestObjects } from "../../../domain/manifest/objects.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ApiClient } from "../api-client.ts";

/** Name of the primary's StatefulSet. */
const postgres = "postgres";

/** The container in it that runs Postgres. */
export const postgresContainer = "postgres";

const loose = z.looseObject({});
const containerSchema = z.looseObject({ name: z.string() });
const podSpecSchema = z.looseObject({ containers: z.array(containerSchema), volumes: z.array(loose).default([]) });
const statefulSetSchema = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }).default({ annotations: {} }),
      spec: podSpecSchema,
    }),
  }),
});

/** What pods that do another of the image's work are made from, so that they cannot differ from the primary in image, volumes and security. */
export interface PrimaryPod {
  /** Without init containers. */
  readonly spec: z.infer<typeof podSpecSchema>;
  /** The one that runs Postgres, without its probes. */
  readonly container: z.infer<typeof containerSchema>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The pod that the StatefulSet of the primary makes. @throws Problem BACKUP_HOST_MISSING where there is none */
export async function primaryPod(client: ApiClient, { release, namespace }: ReleaseScope, signal: AbortSignal): Promise<PrimaryPod> {
  const set = await client.find(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${postgres}`, statefulSetSchema, signal);
  if (set === undefined)
    throw new Problem("BACKUP_HOST_MISSING", { what: `release ${release} has no StatefulSet ${postgres} in namespace ${namespace}` });
  return shaped(set);
}

/**
 * The pod that the primary's StatefulSet in rendered manifests would make, for what is done before the chart is applied. Without the priority,
 * whose class the chart may be the one to make. @throws Problem BACKUP_HOST_MISSING where there is none
 */
export function renderedPrimaryPod(manifests: string): PrimaryPod {
  const found = manifestObjects(manifests).find(
    ({ kind, metadata }) => kind === "StatefulSet" && isObject(metadata) && metadata["name"] === postgres,
  );
  if (found === undefined) throw new Problem("BACKUP_HOST_MISSING", { what: `the chart renders no StatefulSet ${postgres}` });
  const { spec, ...rest } = shaped(statefulSetSchema.parse(found));
  const { priorityClassName: _priority, ...without } = spec;
  return { ...rest, spec: { ...without, containers: spec.containers, volumes: spec.volumes } };
}

function shaped(set: z.infer<typeof statefulSetSchema>): PrimaryPod {
  const { initContainers: _initial, ...spec } = set.spec.template.spec;
  const main = spec.containers.find(({ name }) => name === postgresContainer);
  if (main === undefined)
    throw new Problem("BACKUP_HOST_MISSING", { what: `StatefulSet ${postgres} has no container ${postgresContainer}` });
  const { startupProbe: _startup, livenessProbe: _liveness, readinessProbe: _readiness, ...container } = main;
  return { spec: { ...spec, containers: spec.containers }, container, annotations: set.spec.template.metadata.annotations };
}

/** psql as the superuser on the pod's own socket; what it prints is the result and nothing else. */
export function psqlArgv(sql: string): readonly string[] {
  const options = ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", "/var/run/postgresql", "-U", "postgres", "-d", "migration"];
  // Recovery that waits at its target holds the locks of transactions that had not ended: nobody can wait for those.
  return ["psql", ...options, "-c", "set lock_timeout = '10s'", "-c", sql];
}

/** psql for a person at a terminal: without a pager, which the image has not, and without a history file, for which its file system is read-only. */
export const psqlForPerson: readonly string[] = [
  "env",
  "TERM=xterm",
  "psql",
  ...["-X", "-P", "pager=off", "-v", "HISTFILE=/dev/null"],
  ...["-d", "host=/var/run/postgresql user=postgres dbname=migration options='-c lock_timeout=10s'"],
];
