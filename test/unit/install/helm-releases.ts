import { z } from "zod";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { manifestObjects } from "../../../src/domain/manifest/objects.ts";
import type { ChartRender, Helm, HelmRelease } from "../../../src/ports/helm.ts";

const objectSchema = z.object({ kind: z.string(), metadata: z.object({ name: z.string() }) });

/** What Helm does to the objects of a chart in the release's cluster. */
interface Cluster {
  applied(namespace: string, objects: readonly { readonly kind: string; readonly name: string }[]): void;
  lose(namespace: string, kind: string, name: string): void;
}

/** The revisions of one release with Helm's rules about what may follow what, and an account of what was really done. */
export class HelmReleases implements Helm {
  readonly revisions: HelmRelease[] = [];
  readonly done: string[] = [];
  /** What Helm's record holds of the newest revision. */
  manifests = "";
  /** What the chart renders to just now, and the version of the release in it. */
  rendered: () => string = () => "";
  appVersion = "1.0.0";
  private readonly recorded = new Map<number, string>();
  private readonly cluster: Cluster;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  async version(): Promise<string> {
    return "4.3.1";
  }

  async template(render: ChartRender): Promise<string> {
    return render.values;
  }

  async apply(render: ChartRender): Promise<HelmRelease> {
    const last = this.revisions.at(-1);
    if (last?.status.startsWith("pending-") === true)
      throw new Problem("HELM_STUCK", { what: "another operation (install/upgrade/rollback) is in progress" });
    if (last?.status === "uninstalling") throw new Problem("HELM_FAILED", { what: `"${render.release}" has no deployed releases` });
    this.done.push("apply");
    this.manifests = this.rendered();
    this.make(render.namespace);
    return this.leave(render.release, "deployed", { appVersion: this.appVersion, description: "Upgrade complete" });
  }

  async find(): Promise<HelmRelease | undefined> {
    return this.revisions.at(-1);
  }

  async history(): Promise<readonly HelmRelease[]> {
    return this.revisions;
  }

  async manifest(): Promise<string> {
    return this.manifests;
  }

  async rollback(release: string, namespace: string, revision: number): Promise<void> {
    this.done.push(`rollback ${revision}`);
    const back = this.revisions.find((one) => one.revision === revision);
    if (back === undefined) throw new Problem("HELM_FAILED", { what: "release: not found" });
    this.manifests = this.recorded.get(revision) ?? this.manifests;
    this.make(namespace);
    this.leave(release, "deployed", { appVersion: back.appVersion, description: `Rollback to ${revision}` });
  }

  async uninstall(_release: string, namespace: string): Promise<void> {
    this.done.push("uninstall");
    for (const { kind, name } of this.objects()) this.cluster.lose(namespace, kind, name);
    this.revisions.length = 0;
  }

  /** Adds a revision in that state, as a helm process leaves it when it ends or is killed. */
  leave(
    name: string,
    status: string,
    { appVersion, description }: Pick<HelmRelease, "appVersion" | "description"> = { appVersion: this.appVersion, description: status },
  ): HelmRelease {
    if (status === "deployed")
      for (const [index, one] of this.revisions.entries())
        if (one.status === "deployed") this.revisions[index] = { ...one, status: "superseded" };
    const added = { name, revision: this.revisions.length + 1, status, chartVersion: appVersion, appVersion, description };
    this.revisions.push(added);
    this.recorded.set(added.revision, this.manifests);
    return added;
  }

  /** Makes what is not there of the newest revision's objects. */
  make(namespace: string): void {
    this.cluster.applied(namespace, this.objects());
  }

  private objects(): readonly { readonly kind: string; readonly name: string }[] {
    return manifestObjects(this.manifests)
      .map((object) => objectSchema.parse(object))
      .map(({ kind, metadata }) => ({ kind, name: metadata.name }));
  }
}
