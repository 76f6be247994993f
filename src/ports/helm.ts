/** What `helm template` and `helm upgrade` are given; equal input gives equal manifests. */
export interface ChartRender {
  readonly release: string;
  readonly namespace: string;
  /** Path of a chart folder or .tgz on this host. */
  readonly chart: string;
  /** values.yaml as text. */
  readonly values: string;
  /** `v1.34.4`, of the cluster or as answered. */
  readonly kubeVersion: string;
  /** `group/version/Kind` and `group/version` that optional parts of the chart look for. */
  readonly apiVersions: readonly string[];
}

/** One revision of a release as Helm's own record tells it. */
export interface HelmRelease {
  readonly name: string;
  readonly revision: number;
  /** Helm's word: deployed, failed, pending-install, pending-upgrade, uninstalling, superseded … */
  readonly status: string;
  readonly chartVersion: string;
  readonly appVersion: string;
  /** Helm's own words about how it ended, such as "Upgrade complete". */
  readonly description: string;
}

/** How `helm upgrade` meets fields that another manager owns. */
export interface ApplyOptions {
  /** Takes fields over that somebody else changed (kubectl edit, another tool) instead of failing with HELM_CONFLICT. */
  readonly takeOverConflicts?: boolean;
}

/** The one thing that rendering needs of helm. */
export interface ChartRenderer {
  /** Manifests of the chart as one YAML stream. @throws Problem HELM_MISSING, HELM_TOO_OLD, HELM_FAILED, CHART_REFUSED */
  template(render: ChartRender, signal: AbortSignal): Promise<string>;
}

/** The helm binary, run as data (argv arrays; output kept in the run directory). Every method throws Problem HELM_MISSING, HELM_TOO_OLD and HELM_FAILED. */
export interface Helm extends ChartRenderer {
  /** Version of the binary, `4.3.0`. */
  version(signal: AbortSignal): Promise<string>;
  /**
   * `helm upgrade --install` without waiting for readiness.
   * @throws Problem HELM_STUCK, HELM_CONFLICT, HELM_FOREIGN_OBJECT, CHART_REFUSED
   */
  apply(render: ChartRender, signal: AbortSignal, options?: ApplyOptions): Promise<HelmRelease>;
  /** The newest revision of the release whatever its status (pending ones too), or undefined when there is none. */
  find(release: string, namespace: string, signal: AbortSignal): Promise<HelmRelease | undefined>;
  /** All revisions that Helm keeps, oldest first; none when there is no such release. */
  history(release: string, namespace: string, signal: AbortSignal): Promise<readonly HelmRelease[]>;
  /** Manifests of the newest revision, as Helm recorded them. */
  manifest(release: string, namespace: string, signal: AbortSignal): Promise<string>;
  /** `helm rollback` to a revision, without waiting for readiness. @throws Problem HELM_STUCK */
  rollback(release: string, namespace: string, revision: number, signal: AbortSignal): Promise<void>;
  /** `helm uninstall`; keeps what carries helm.sh/resource-policy: keep. No error when there is no such release. */
  uninstall(release: string, namespace: string, signal: AbortSignal): Promise<void>;
}
