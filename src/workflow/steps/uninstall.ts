import { z } from "zod";
import type { ClusterObjects, LabelledKind } from "../../ports/cluster-objects.ts";
import type { Helm } from "../../ports/helm.ts";
import { releaseLabels } from "../own-labels.ts";
import { readRecord, recordName, writeRecord } from "../record-book.ts";
import { journalName } from "../runner-journal.ts";
import { waitUntilGone } from "../wait-until-gone.ts";
import type { Step } from "../workflow-builder.ts";
import type { UninstallStart } from "./uninstall-start.ts";

const nothing = z.object({});
const beganSchema = z.object({ startedAt: z.string() });

/** When the uninstall began. */
export type BeganGive = z.infer<typeof beganSchema>;

/** Labels that the chart puts on everything of a release. */
export const chartLabels = (name: string) => ({ "app.kubernetes.io/instance": name });

/** Milliseconds that pods and claims get to end. */
const goneWithin = 300_000;

/** Takes the release down through Helm. Claims of StatefulSets and what carries Helm's keep policy stay. */
export function helmUninstallStep(helm: Helm): Step<UninstallStart, UninstallStart, BeganGive> {
  return {
    id: "helm-uninstall",
    title: "Take the release down",
    describe: ({ name }) => ({
      touches: [`Helm release ${name}`],
      bytes: 0,
      seconds: 10,
      undo: "migratectl install: data and secrets are still there",
    }),
    gives: beganSchema,
    run: async ({ name, namespace }, { signal, clock }) => {
      const startedAt = clock.now().toISOString();
      await helm.uninstall(name, namespace, signal);
      return { startedAt };
    },
  };
}

/** Waits until no pod of the release is left; Jobs that Helm does not own go, too. */
export function drainStep(objects: ClusterObjects): Step<UninstallStart, UninstallStart & BeganGive, object> {
  return {
    id: "drain",
    title: "Wait until all pods are gone",
    describe: () => ({ touches: ["the release's Jobs and pods"], bytes: 0, seconds: 60, undo: "nothing to undo" }),
    gives: nothing,
    run: async ({ name, namespace }, context) => {
      for (const job of await objects.listLabelled(namespace, "Job", chartLabels(name), context.signal)) {
        await objects.deleteObject(namespace, "Job", job.name, context.signal);
      }
      await waitUntilGone(objects, { namespace, kind: "Pod", labels: chartLabels(name) }, goneWithin, context);
      return {};
    },
  };
}

/** Deletes the claims, and with them the data, for good. */
export function deleteClaimsStep(objects: ClusterObjects): Step<UninstallStart, UninstallStart & BeganGive, object> {
  return {
    id: "delete-claims",
    title: "Delete all data",
    describe: ({ claims }) => ({
      touches: claims.map(({ name, size }) => `PersistentVolumeClaim/${name}${size === undefined ? "" : ` (${size})`}`),
      bytes: 0,
      seconds: 30,
      undo: "none: the data is gone",
    }),
    unneeded: ({ deleteData }) => (deleteData ? undefined : {}),
    gives: nothing,
    run: async ({ name, namespace }, context) => {
      await deleteAll(objects, namespace, "PersistentVolumeClaim", chartLabels(name), context.signal);
      await waitUntilGone(objects, { namespace, kind: "PersistentVolumeClaim", labels: chartLabels(name) }, goneWithin, context);
      return {};
    },
  };
}

/** Deletes the Secrets that migratectl made for the release. */
export function deleteSecretsStep(objects: ClusterObjects): Step<UninstallStart, UninstallStart & BeganGive, object> {
  return {
    id: "delete-secrets",
    title: "Delete the secrets",
    describe: ({ secrets }) => ({
      touches: secrets.map((name) => `Secret/${name}`),
      bytes: 0,
      seconds: 2,
      undo: "none: a backup that was encrypted with them cannot be read any more",
    }),
    unneeded: ({ deleteData }) => (deleteData ? undefined : {}),
    gives: nothing,
    run: async ({ name, namespace }, { signal }) => {
      await deleteAll(objects, namespace, "Secret", releaseLabels(name), signal);
      return {};
    },
  };
}

/** Appends to the record that the release was taken down, or removes record and journal when nothing is to be left. */
export function closeRecordStep(objects: ClusterObjects): Step<UninstallStart, UninstallStart & BeganGive, object> {
  return {
    id: "close-record",
    title: "Close the record",
    describe: ({ deleteData }) => ({
      touches: deleteData ? [`ConfigMap/${recordName} (deleted)`, `ConfigMap/${journalName} (deleted)`] : [`ConfigMap/${recordName}`],
      bytes: 0,
      seconds: 1,
      undo: "none",
    }),
    gives: nothing,
    run: async ({ namespace, clusterUid, deleteData, by, version, startedAt }, context) => {
      if (deleteData) {
        await objects.deleteDocument(namespace, recordName, context.signal);
        await context.leaveCluster();
        return {};
      }
      const { clock, planDigest, signal } = context;
      const entry = {
        workflow: "uninstall",
        by,
        version,
        planDigest,
        skippedChecks: [],
        startedAt,
        finishedAt: clock.now().toISOString(),
        outcome: "succeeded" as const,
      };
      await writeRecord(objects, namespace, { clusterUid, entry }, signal);
      return {};
    },
    done: async ({ namespace, deleteData, startedAt }, { signal }) => {
      const last = deleteData ? undefined : (await readRecord(objects, namespace, signal))?.record.entries.at(-1);
      return last?.workflow === "uninstall" && last.startedAt === startedAt ? {} : undefined;
    },
  };
}

async function deleteAll(
  objects: ClusterObjects,
  namespace: string,
  kind: LabelledKind,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  for (const { name } of await objects.listLabelled(namespace, kind, labels, signal))
    await objects.deleteObject(namespace, kind, name, signal);
}
