import { z } from "zod";
import type { ClusterObjects, LabelledKind } from "../../ports/cluster-objects.ts";
import type { Helm } from "../../ports/helm.ts";
import { journalName } from "../run/journal-keeper.ts";
import { chartLabels, releaseLabels } from "../run/labels.ts";
import { recordName } from "../run/record-book.ts";
import type { Step } from "../run/step.ts";
import type { UninstallStart } from "../uninstall/uninstall-start.ts";
import { waitUntilGone } from "./wait-until-gone.ts";

const nothing = z.object({});

/** Milliseconds that pods and claims get to end. */
const goneWithin = 300_000;

/** Takes the release down through Helm. Claims of StatefulSets and what carries Helm's keep policy stay. */
export function helmUninstallStep(helm: Helm): Step<UninstallStart, UninstallStart, object> {
  return {
    id: "helm-uninstall",
    title: "Take the release down",
    describe: ({ name }) => ({
      touches: [`Helm release ${name}`],
      bytes: 0,
      seconds: 10,
      undo: "migratectl install: data and secrets are still there",
    }),
    gives: nothing,
    run: async ({ name, namespace }, { signal }) => {
      await helm.uninstall(name, namespace, signal);
      return {};
    },
  };
}

/** Waits until no pod of the release is left; Jobs that Helm does not own go, too. */
export function drainStep(objects: ClusterObjects): Step<UninstallStart, UninstallStart, object> {
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
export function deleteClaimsStep(objects: ClusterObjects): Step<UninstallStart, UninstallStart, object> {
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
export function deleteSecretsStep(objects: ClusterObjects): Step<UninstallStart, UninstallStart, object> {
  return {
    id: "delete-secrets",
    title: "Delete the secrets, and at the end the record",
    describe: ({ secrets }) => ({
      touches: [...secrets.map((name) => `Secret/${name}`), `ConfigMap/${recordName}`, `ConfigMap/${journalName}`],
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
