/** What `helm template` and `helm upgrade` are given; equal input gives equal manifests. */
export interface ChartRender {
  readonly release: string;
  readonly namespace: string;
  /** Path of a chart folder or .tgz on this host. */
  readonly chart: string;
  /** values.yaml as text. */
  readonly values: string;
  /** `v1.34.4`, from the cluster; absent without one. */
  readonly kubeVersion?: string;
  /** `group/version/Kind` and `group/version` that optional parts of the chart look for. */
  readonly apiVersions: readonly string[];
}

/** A release as Helm's own record tells it. */
export interface HelmRelease {
  readonly name: string;
  readonly revision: number;
  /** Helm's word: deployed, failed, pending-install, pending-upgrade, uninstalling, superseded … */
  readonly status: string;
  readonly chartVersion: string;
  readonly appVersion: string;
}

/** The helm binary, run as data (argv arrays; output kept in the run directory). */
export interface Helm {
  /** Version of the binary, `4.3.1`. @throws Problem HELM_MISSING */
  version(signal: AbortSignal): Promise<string>;
  /** Manifests of the chart as one YAML stream. @throws Problem HELM_FAILED */
  template(render: ChartRender, signal: AbortSignal): Promise<string>;
  /** `helm upgrade --install` without waiting for readiness. @throws Problem HELM_FAILED */
  apply(render: ChartRender, signal: AbortSignal): Promise<HelmRelease>;
  /** The newest revision of the release, or undefined when there is none. */
  find(release: string, namespace: string, signal: AbortSignal): Promise<HelmRelease | undefined>;
  /** Manifests of the deployed revision, as Helm recorded them. */
  manifest(release: string, namespace: string, signal: AbortSignal): Promise<string>;
  /** `helm uninstall`; keeps what carries helm.sh/resource-policy: keep. */
  uninstall(release: string, namespace: string, signal: AbortSignal): Promise<void>;
}
