import { Problem } from "../../domain/errors/problem.ts";
import type { Discovery } from "../../domain/facts/facts.ts";
import { apiText, inServedApis, removedApis } from "../../domain/upgrade/removed-apis.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Helm } from "../../ports/helm.ts";
import type { Progress } from "../../ports/progress.ts";
import type { ReleaseRecords } from "../../ports/release-records.ts";

/** What a {@link mappingHelm} works through. */
export interface MappingPorts {
  readonly helm: Helm;
  readonly records: ReleaseRecords;
  readonly progress: Progress;
  readonly clock: Clock;
}

/** Milliseconds for which a kind has to be unknown before it counts as gone, and between two looks. */
const [goneAfter, pause] = [30_000, 5_000];

/** How often a record is read anew when somebody else wrote it in between. */
const tries = 5;

/**
 * A helm that goes on working after the cluster has been upgraded. Helm looks up every object of the revision that it starts from, and of the
 * one that it goes back to; where the cluster serves the API of one no more, it refuses to upgrade, to go back and to uninstall. So what is
 * recorded of these revisions is brought to the APIs that are served, before helm begins. Nothing is written where nothing has been removed.
 * Source: Helm documentation, "Deprecated Kubernetes APIs".
 */
export function mappingHelm({ helm, ...ports }: MappingPorts): Helm {
  const { records, progress } = ports;
  const newest = async (release: string, namespace: string, signal: AbortSignal) => {
    const revisions = await records.revisions({ release, namespace }, signal);
    // Helm starts from what it deployed last, and only without that from the newest.
    const from = revisions.findLast(({ status }) => status === "deployed");
    return [...new Set([from, revisions.at(-1)].flatMap((one) => one?.revision ?? []))];
  };
  const map = async (release: string, namespace: string, revisions: readonly number[], signal: AbortSignal) => {
    for (const revision of revisions) {
      const texts = await bringToServed(ports, { release, namespace, revision }, signal);
      if (texts.length === 0) continue;
      progress.tell({
        kind: "note",
        text: `The cluster serves no more what revision ${revision} of ${release} was recorded in: ${texts.join("; ")}. Helm's record says so now.`,
      });
    }
  };
  return {
    version: (signal) => helm.version(signal),
    template: (render, signal) => helm.template(render, signal),
    find: (release, namespace, signal) => helm.find(release, namespace, signal),
    history: (release, namespace, signal) => helm.history(release, namespace, signal),
    manifest: (release, namespace, signal) => helm.manifest(release, namespace, signal),
    apply: async (render, signal, options) => {
      await map(render.release, render.namespace, await newest(render.release, render.namespace, signal), signal);
      return await helm.apply(render, signal, options);
    },
    rollback: async (release, namespace, revision, signal) => {
      await map(release, namespace, [...new Set([...(await newest(release, namespace, signal)), revision])], signal);
      await helm.rollback(release, namespace, revision, signal);
    },
    uninstall: async (release, namespace, signal) => {
      await map(release, namespace, await newest(release, namespace, signal), signal);
      await helm.uninstall(release, namespace, signal);
    },
  };
}

/** Rewrites one revision's record; says what was removed. @throws Problem HELM_REMOVED_APIS when it cannot be rewritten */
async function bringToServed(
  ports: Omit<MappingPorts, "helm">,
  { revision, ...scope }: { readonly release: string; readonly namespace: string; readonly revision: number },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { records } = ports;
  for (let attempt = 1; ; attempt += 1) {
    const found = await records.manifests(scope, revision, signal);
    if (found === undefined) return [];
    const discovery = await settledDiscovery(ports, found.value, signal);
    const removed = removedApis(found.value, discovery);
    if (removed.length === 0) return [];
    const texts = removed.map(apiText);
    const refused = (why: string, cause?: unknown) =>
      new Problem("HELM_REMOVED_APIS", {
        what: `revision ${revision} of release ${scope.release} is recorded in APIs that the cluster serves no more: ${texts.join("; ")}`,
        why,
        fix: `Bring the record to what is served with Helm's plugin: helm mapkubeapis ${scope.release} --namespace ${scope.namespace}`,
        cause,
      });
    let manifests: string;
    try {
      manifests = inServedApis(found.value, discovery);
    } catch (error) {
      throw refused(error instanceof Error ? error.message : String(error), error);
    }
    const result = await records.replaceManifests(scope, revision, manifests, found.version, signal);
    if (result.kind === "written") return texts;
    if (attempt === tries) throw refused("Somebody else goes on writing the record.");
  }
}

/**
 * What is served, once it is sure that a kind of the manifests is gone: an API server that has just started, or an operator that is being
 * upgraded, serves its custom resources some seconds late, and an object that was left out of the record would be nobody's.
 */
async function settledDiscovery(
  { records, clock }: Pick<MappingPorts, "records" | "clock">,
  manifests: string,
  signal: AbortSignal,
): Promise<Discovery> {
  const started = clock.now().getTime();
  for (;;) {
    const discovery = await records.served(signal);
    const isGone = removedApis(manifests, discovery).some(({ successor }) => successor === undefined);
    if (!isGone || clock.now().getTime() - started >= goneAfter) return discovery;
    await clock.pause(pause, signal);
  }
}
