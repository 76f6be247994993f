import type { Renderer } from "../../adapters/helm/helm.ts";
import type { Answers } from "../../domain/answers/answers.ts";
import { fieldAt } from "../../domain/answers/fields.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { apiVersionsOf } from "../../ports/cluster-facts.ts";
import type { WorkFolder } from "../../ports/work-folder.ts";
import { settleEncryption } from "../../workflow/backup/settle-encryption.ts";
import { type CarriedHelm, type ReleaseOrigin, type StagedRelease, stageRelease } from "../../workflow/release/stage-release.ts";
import type { Capabilities, RenderPorts } from "../../workflow/render/render-release.ts";
import type { Globals } from "../global-flags.ts";
import { connect, surroundings } from "./connect.ts";

/** A staged release and how to let go of it. */
export interface OpenedRelease extends StagedRelease {
  close(): Promise<void>;
}

/** Brings a release to this host's temporary folder; close removes it. Throws as {@link stageRelease}. */
export async function openRelease(origin: ReleaseOrigin, signal: AbortSignal): Promise<OpenedRelease> {
  const { createTemporaryFolder } = await import("../../adapters/node/work-folder.ts");
  const { bundleOpener } = await import("../../adapters/oci-layout/bundle-opener.ts");
  const { releaseFolder } = await import("../../adapters/oci-layout/release-folder.ts");
  const folder = await createTemporaryFolder();
  try {
    const platform = `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`;
    const staged = await stageRelease(origin, { bundles: bundleOpener, releases: releaseFolder, folder, platform }, signal);
    return { ...staged, close: () => folder.remove() };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** Helm and templates as they are on this host. `carried` is the helm that the bundle brings. */
export async function renderPorts(carried: CarriedHelm | undefined, globals: Globals): Promise<RenderPorts & { readonly helm: Renderer }> {
  const { createRenderer } = await import("../../adapters/helm/helm.ts");
  const { createTemplates } = await import("../../adapters/templates/handlebars.ts");
  const { templatesFolder } = await import("../../adapters/templates/package-folder.ts");
  const { secrets } = await surroundings(globals);
  return { helm: createRenderer({ environment: process.env, secrets, carried }), templates: createTemplates(templatesFolder()) };
}

/** The answers with what the cluster decides; as they are where none is asked. Throws as {@link settleEncryption}. */
export async function settledAnswers(answers: Answers, globals: Globals): Promise<Answers> {
  const { kubeVersion, context } = answers.cluster;
  if (kubeVersion !== undefined) return answers;
  return settleEncryption(answers, (await connect(globals, context)).objects, globals.signal);
}

/** The folder that --out names. */
export async function outputFolder(path: string): Promise<WorkFolder> {
  const { createWorkFolder } = await import("../../adapters/node/work-folder.ts");
  return createWorkFolder(path);
}

/**
 * What the cluster can do: as answered (`--kube-version`, with --api-version for optional parts), else asked of the cluster.
 * @throws Problem ANSWERS_MISSING when neither is known
 */
export async function capabilitiesFor(answers: Answers, apiVersions: readonly string[], globals: Globals): Promise<Capabilities> {
  const { kubeVersion, context } = answers.cluster;
  if (kubeVersion !== undefined) return { kubeVersion: kubeVersion.startsWith("v") ? kubeVersion : `v${kubeVersion}`, apiVersions };
  try {
    const asked = await clusterCapabilities(globals, context);
    return { ...asked, apiVersions: [...new Set([...asked.apiVersions, ...apiVersions])].sort() };
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code === "CONTEXT_UNKNOWN" || cause.exit === "cancelled") throw cause;
    throw new Problem("ANSWERS_MISSING", {
      what: `1 answer is missing:\n  --kube-version VERSION  ${fieldAt("cluster.kubeVersion").help}`,
      why: `What is rendered depends on the cluster's version, and no cluster can be asked: ${cause.message}.`,
      fix: "Give --kube-version 1.34.4 (and --api-version GROUP/VERSION for optional parts), or the context of a cluster that answers.",
      cause,
    });
  }
}

/** What the cluster says that it can do. @throws Problem CLUSTER_* */
export async function clusterCapabilities(globals: Globals, context: string | undefined): Promise<Capabilities> {
  const { kubernetesFacts } = await import("../../adapters/kubernetes/facts/cluster-facts.ts");
  const facts = kubernetesFacts((await connect(globals, context)).client);
  const [{ version }, discovery] = await Promise.all([facts.cluster(globals.signal), facts.discovery(globals.signal)]);
  return { kubeVersion: version, apiVersions: discovery.kind === "known" ? apiVersionsOf(discovery.value) : [] };
}
