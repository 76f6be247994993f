import { Problem } from "../../src/domain/errors/problem.ts";
import type { ChartRender, Helm, HelmRelease } from "../../src/ports/helm.ts";

/** Helm's record of releases in memory: revisions, their status and manifests. What a chart renders is told at the start. */
export class FakeHelm implements Helm {
  readonly applied: ChartRender[] = [];
  private readonly manifests: (render: ChartRender) => string;
  private readonly records = new Map<string, { readonly release: HelmRelease; readonly manifest: string }[]>();

  constructor(manifests: (render: ChartRender) => string) {
    this.manifests = manifests;
  }

  async version(): Promise<string> {
    return "4.3.1";
  }

  async template(render: ChartRender): Promise<string> {
    return this.manifests(render);
  }

  async apply(render: ChartRender): Promise<HelmRelease> {
    const record = this.record(render.release, render.namespace);
    if (record.at(-1)?.release.status.startsWith("pending") === true)
      throw new Problem("HELM_STUCK", { what: "another operation (install/upgrade/rollback) is in progress" });
    this.applied.push(render);
    return this.add(render.release, render.namespace, "deployed", this.manifests(render));
  }

  async find(release: string, namespace: string): Promise<HelmRelease | undefined> {
    return this.record(release, namespace).at(-1)?.release;
  }

  async history(release: string, namespace: string): Promise<readonly HelmRelease[]> {
    return this.record(release, namespace).map((one) => one.release);
  }

  async manifest(release: string, namespace: string): Promise<string> {
    const last = this.record(release, namespace).at(-1);
    if (last === undefined) throw new Problem("HELM_FAILED", { what: "helm get: release: not found" });
    return last.manifest;
  }

  async rollback(release: string, namespace: string, revision: number): Promise<void> {
    const wanted = this.record(release, namespace).find((one) => one.release.revision === revision);
    if (wanted === undefined) throw new Problem("HELM_FAILED", { what: "helm rollback: release has no such version" });
    this.add(release, namespace, "deployed", wanted.manifest);
  }

  async uninstall(release: string, namespace: string): Promise<void> {
    this.records.delete(`${namespace}/${release}`);
  }

  /** A helm that was killed in the middle: its newest revision stays pending. */
  killInTheMiddle(release: string, namespace: string): void {
    const first = this.record(release, namespace).length === 0;
    this.add(release, namespace, first ? "pending-install" : "pending-upgrade", "");
  }

  private add(name: string, namespace: string, status: string, manifest: string): HelmRelease {
    const record = this.record(name, namespace);
    const superseded = record.map((one) =>
      one.release.status === "deployed" && status === "deployed" ? { ...one, release: { ...one.release, status: "superseded" } } : one,
    );
    const release = { name, revision: record.length + 1, status, chartVersion: "1.0.0", appVersion: "1.0.0", description: status };
    this.records.set(`${namespace}/${name}`, [...superseded, { release, manifest }]);
    return release;
  }

  private record(release: string, namespace: string) {
    return this.records.get(`${namespace}/${release}`) ?? [];
  }
}
