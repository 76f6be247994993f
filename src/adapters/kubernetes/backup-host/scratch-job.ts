import { z } from "zod";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ScratchPurpose, ScratchSpec } from "../../../ports/scratch-databases.ts";
import type { PrimaryPod } from "./primary-pod.ts";

/** Where a Job keeps the words that its pod was given, and the notes of who made it. */
export const [argsAnnotation, notePrefix] = ["migratectl.io/args", "notes.migratectl.io/"];

/** Where the image keeps data and repository. */
const [dataPath, repositoryPath] = ["/var/lib/postgresql/data", "/var/lib/pgbackrest"];

/** Seconds after which the cluster removes what has ended, and those that a pod gets to end: there is nothing in it to save. */
const [keptFor, graceSeconds] = [3600, 10];

const mebibyte = 1024 ** 2;

const mountSchema = z.looseObject({ name: z.string(), mountPath: z.string() });
const mountsSchema = z.array(mountSchema).default([]);
const volumeSchema = z.looseObject({
  name: z.string(),
  persistentVolumeClaim: z.looseObject({ claimName: z.string() }).nullish(),
});
const affinitySchema = z
  .looseObject({
    podAffinity: z
      .looseObject({ requiredDuringSchedulingIgnoredDuringExecution: z.array(z.unknown()).default([]) })
      .default({ requiredDuringSchedulingIgnoredDuringExecution: [] }),
  })
  .default({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } });

/** Name of the Job. */
export function jobName(purpose: ScratchPurpose): string {
  return `postgres-${purpose}`;
}

/**
 * The Job of a database beside the primary: the primary's pod with another role, on a volume of its own of the same class, with the repository
 * to read. On the primary's node, because the volume of the repository may be mounted on one node only; without the primary's priority, so that
 * nothing of the platform has to make room for it, and with the resources of the backup agent, which does the same kind of work.
 */
export async function scratchJob(
  { spec, container, annotations }: PrimaryPod,
  { purpose, args, bytes, seconds, notes }: ScratchSpec,
  { release, namespace }: ReleaseScope,
  storageClass: (claim: string) => Promise<string | undefined>,
): Promise<object> {
  const { priorityClassName: _priority, topologySpreadConstraints: _spread, ...pod } = spec;
  const mounts = mountsSchema.parse(container["volumeMounts"]);
  const dataVolume = mounts.find(({ mountPath }) => mountPath === dataPath)?.name ?? "data";
  const volumes = z.array(volumeSchema).parse(spec.volumes);
  const claim = volumes.find(({ name }) => name === dataVolume)?.persistentVolumeClaim?.claimName;
  const className = claim === undefined ? undefined : await storageClass(claim);
  // The Job's controller names the pod; the component is the one that may talk to the primary.
  const labels = {
    "app.kubernetes.io/name": jobName(purpose),
    "app.kubernetes.io/instance": release,
    "app.kubernetes.io/part-of": "migrate-platform",
    "app.kubernetes.io/component": "backup",
    "app.kubernetes.io/managed-by": "migratectl",
  };
  const env = [
    ...z.array(z.unknown()).default([]).parse(container["env"]),
    { name: "PRIMARY_HOST", value: "postgres" },
    { name: "RESTORE_SCRATCH", value: "yes" },
  ];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(purpose),
      namespace,
      labels,
      annotations: {
        [argsAnnotation]: JSON.stringify(args),
        ...Object.fromEntries(Object.entries(notes).map(([name, value]) => [`${notePrefix}${name}`, value])),
      },
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: seconds,
      ttlSecondsAfterFinished: keptFor,
      template: {
        metadata: { labels, annotations },
        spec: {
          ...pod,
          restartPolicy: "Never",
          terminationGracePeriodSeconds: graceSeconds,
          affinity: besidePrimary(spec["affinity"], release),
          containers: [
            {
              ...container,
              args,
              env,
              resources: spec.containers.find(({ name }) => name === "backup-agent")?.["resources"] ?? container["resources"],
              volumeMounts: mounts.map((mount) => (mount.mountPath === repositoryPath ? { ...mount, readOnly: true } : mount)),
            },
          ],
          volumes: [...volumes.filter(({ name }) => name !== dataVolume), ephemeral(dataVolume, bytes, className)],
        },
      },
    },
  };
}

/** What the pod may be placed by anyway, and the node of the primary. */
function besidePrimary(given: unknown, release: string): object {
  const { podAffinity, ...affinity } = affinitySchema.parse(given);
  const matchLabels = { "app.kubernetes.io/instance": release, "app.kubernetes.io/component": "postgres" };
  return {
    ...affinity,
    podAffinity: {
      ...podAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: [
        ...podAffinity.requiredDuringSchedulingIgnoredDuringExecution,
        { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels } },
      ],
    },
  };
}

/**
 * A claim that lives as long as the pod, rather than an emptyDir: a restored database does not fit on many a node's own disk, and filling that
 * evicts the node's pods.
 */
function ephemeral(name: string, bytes: number, className: string | undefined): object {
  const storage = `${Math.ceil(bytes / mebibyte)}Mi`;
  return {
    name,
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          accessModes: ["ReadWriteOnce"],
          ...(className === undefined ? {} : { storageClassName: className }),
          resources: { requests: { storage } },
        },
      },
    },
  };
}
