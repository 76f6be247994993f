import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import { isObject, type ManifestObject, manifestObjects } from "../../domain/manifest/objects.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import { type EarlyObjects, earlyKinds } from "../../ports/early-objects.ts";
import type { ExportFiles } from "../../ports/export-file.ts";
import type { KitStore } from "../../ports/kit-store.ts";
import type { RedisData } from "../../ports/redis-data.ts";
import type { RepositoryFiles } from "../../ports/repository-files.ts";
import type { RestorePods } from "../../ports/restore-pods.ts";
import type { RunningParts } from "../../ports/running-parts.ts";
import type { Sealer } from "../../ports/sealer.ts";
import { bringExport } from "../backup/bring-export.ts";
import { makeBackup } from "../backup/make-backup.ts";
import { openKit } from "../backup/open-kit.ts";
import { withRepository } from "../restore/lost-volume.ts";
import type { QuiesceGive } from "../restore/quiesce.ts";
import { gone, promoted } from "../restore/recover.ts";
import { type RedisBefore, type RedisGive, type RedisPorts, redisStep } from "../restore/redis.ts";
import { resolveMoment } from "../restore/resolve-moment.ts";
import { releaseLabels } from "../run/labels.ts";
import type { Step, StepContext } from "../run/step.ts";
import { backupSecret } from "../secrets/platform-secrets.ts";
import type { InstallStart } from "./install-start.ts";

/** What making the platform of its backups works through. */
export interface FromBackupPorts {
  readonly objects: ClusterObjects;
  readonly clock: Clock;
  readonly early: EarlyObjects;
  readonly exports: ExportFiles;
  readonly files: RepositoryFiles;
  readonly kits: KitStore;
  readonly sealer: Sealer;
  readonly host: BackupHost;
  readonly parts: RunningParts;
  readonly redis: RedisData;
  /** Pods derived from the primary of these rendered manifests, which is not there yet. */
  readonly podsOf: (manifests: string) => RestorePods;
}

const targetSchema = z.object({
  set: z.string(),
  timeline: z.int(),
  type: z.enum(["time", "lsn", "immediate"]),
  value: z.string().optional(),
});
/** `secrets`: whether those that lie with the backups are in the cluster. */
const givesSchema = z.object({ brought: z.object({ target: targetSchema, systemId: z.string(), secrets: z.boolean() }).optional() });

/** What the backups are recovered to; nothing where the platform is not made of backups. */
export type BringGive = z.infer<typeof givesSchema>;

/** Names the restore and its directory on the new volume: there is one for an installation. */
const restoreId = "from-backup";

/** Brings the backups to the release's repository, and the secrets that lie with them to the cluster, before anything of the chart runs. */
export function bringStep(ports: FromBackupPorts): Step<InstallStart, InstallStart, BringGive> {
  return {
    id: "bring",
    title: "Bring the backups",
    describe: ({ backup }) => ({
      touches: [
        "PersistentVolumeClaim/backup-postgres-0",
        "PersistentVolumeClaim/data-postgres-0",
        ...(backup?.kind === "file" ? [`the repository, from ${backup.path}`] : []),
        "the Secrets that were backed up",
      ],
      bytes: backup?.kind === "file" ? backup.bytes : 0,
      seconds: 30,
      undo: "migratectl uninstall --delete-data",
    }),
    unneeded: ({ backup }) => (backup === undefined ? {} : undefined),
    gives: givesSchema,
    run: async (start, context) => {
      const pods = ports.podsOf(start.rendered.manifests);
      for (const object of neededByPrimary(start.rendered.manifests)) await ports.early.create(object, context.signal);
      const brought = await withRepository({ pods, clock: ports.clock }, () => bring(ports, start, context), context.signal);
      return { brought };
    },
  };
}

/**
 * Restores the newest moment of the backups onto the new volume, so that the chart's primary finds its data there. The secrets come out of the
 * recovered database where they did not lie beside it as a file.
 */
export function restoreDataStep(ports: FromBackupPorts): Step<InstallStart, InstallStart & BringGive, object> {
  return {
    id: "restore-data",
    title: "Restore the database from them",
    describe: () => ({ touches: [`Pod/postgres-restore-${restoreId}`, "the data volume"], bytes: 0, seconds: 60, undo: "stays" }),
    unneeded: ({ backup }) => (backup === undefined ? {} : undefined),
    gives: z.object({}),
    run: async ({ brought, rendered, name, namespace }, context) => {
      if (brought === undefined) return {};
      const pods = ports.podsOf(rendered.manifests);
      const { type, value, set, timeline } = brought.target;
      await promoted(pods, { id: restoreId, target: { type, value, set, timeline } }, context, async () => {
        if (brought.secrets) return;
        if (!(await restoreSecrets(ports, { name, namespace }, await kitInDatabase(pods, context.signal), context.signal)))
          context.note("No secrets lie with these backups: the ones that were made anew are used.");
      });
      await gone(pods, restoreId, context);
      return {};
    },
  };
}

/** Brings Redis to the snapshot that the restored database holds. One that does not fit is no reason to do without the platform. */
export function redisFromBackupStep(ports: RedisPorts): Step<InstallStart, InstallStart & QuiesceGive, RedisGive, RedisBefore> {
  const step = redisStep<InstallStart, InstallStart & QuiesceGive>(ports, "snapshot");
  return whenFromBackup(
    {
      ...step,
      run: (start, context, before) =>
        step.run(start, context, before).catch(async (error: unknown) => {
          if (!(error instanceof Problem) || error.code !== "REDIS_NO_ROOM") throw error;
          context.note(`Redis begins empty: ${error.message}.`);
          await ports.host.releaseRedis(context.signal);
          return {};
        }),
    },
    {},
  );
}

/** A step of a restore that an installation takes only when it is made of backups. */
export function whenFromBackup<Need, Give extends object, Before>(
  step: Step<InstallStart, Need, Give, Before>,
  otherwise: Give,
): Step<InstallStart, Need, Give, Before> {
  return { ...step, unneeded: ({ backup }) => (backup === undefined ? otherwise : undefined) };
}

/** Makes a full backup of what was restored, on its new timeline. */
export function firstBackupStep(ports: Pick<FromBackupPorts, "host" | "clock">): Step<InstallStart, InstallStart, object> {
  return {
    id: "backup",
    title: "Full backup on the new timeline",
    describe: () => ({
      touches: ["the backup repository, while the platform serves"],
      bytes: 0,
      seconds: 60,
      undo: "stays: it is one more backup",
    }),
    unneeded: ({ backup }) => (backup === undefined ? {} : undefined),
    gives: z.object({}),
    run: async (_start, { advance, signal }) => {
      await makeBackup(ports, { type: "full", asker: restoreId }, advance, signal);
      return {};
    },
  };
}

async function bring(
  ports: FromBackupPorts,
  { name, namespace, backup }: InstallStart,
  { advance, signal }: StepContext,
): Promise<NonNullable<BringGive["brought"]>> {
  if (backup?.kind === "file") {
    const opened = await ports.exports.open(backup.path);
    try {
      await bringExport(opened, ports.files, advance, signal);
    } finally {
      await opened.close();
    }
  }
  const secrets = await restoreSecrets(ports, { name, namespace }, await ports.kits.read(signal), signal);
  const request = { target: () => ({ kind: "latest" }) as const, timeline: undefined, mayArchive: false, volumeLost: true };
  const { resolved, surveyed } = await resolveMoment({ host: ports.host, clock: ports.clock }, request, signal);
  const { set, timeline, type, target } = resolved;
  return {
    target: { set: set.label, timeline, type, ...(target === undefined ? {} : { value: target }) },
    systemId: surveyed.database.systemId,
    secrets,
  };
}

/** The platform's own secrets as they were: what is encrypted with them could not be read with others. */
async function restoreSecrets(
  { objects, sealer }: FromBackupPorts,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  document: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const key = (await objects.readSecret(namespace, backupSecret.name, signal))?.[backupSecret.key];
  if (document === undefined || key === undefined) return false;
  const { secrets } = await openKit(document, key, sealer);
  for (const [secret, values] of Object.entries(secrets))
    await objects.setSecret(namespace, { name: secret, labels: releaseLabels(name), type: "Opaque", values }, signal);
  return true;
}

/** The kit that the recovered database holds; one of a release before there were any has no table for it. */
async function kitInDatabase(pods: RestorePods, signal: AbortSignal): Promise<string | undefined> {
  if ((await pods.query(restoreId, "select to_regclass('ops.kit') is not null", signal)) !== "t") return undefined;
  return (await pods.query(restoreId, "select document from ops.kit", signal)) || undefined;
}

const primarySchema = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        serviceAccountName: z.string().optional(),
        volumes: z.array(
          z.looseObject({
            configMap: z.looseObject({ name: z.string() }).optional(),
            persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional(),
          }),
        ),
      }),
    }),
  }),
});

/** The objects of the chart without which a pod of the primary cannot start. */
function neededByPrimary(manifests: string): readonly ManifestObject[] {
  const all = manifestObjects(manifests);
  const named = (kind: string, name: string | undefined) => all.filter((object) => object["kind"] === kind && nameOf(object) === name);
  const [primary] = named("StatefulSet", "postgres");
  const { serviceAccountName, volumes } = primarySchema.parse(primary).spec.template.spec;
  const wanted = new Set([
    `ServiceAccount/${serviceAccountName}`,
    ...volumes.flatMap(({ configMap, persistentVolumeClaim: claim }) => [
      `ConfigMap/${configMap?.name}`,
      `PersistentVolumeClaim/${claim?.claimName}`,
    ]),
  ]);
  return earlyKinds.flatMap((kind) => all.filter((object) => object["kind"] === kind && wanted.has(`${kind}/${nameOf(object)}`)));
}

function nameOf({ metadata }: ManifestObject): string {
  return isObject(metadata) ? String(metadata["name"]) : "";
}
