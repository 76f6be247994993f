import type { ApplyOptions, ChartRender } from "../../ports/helm.ts";
import type { Connection } from "../kubernetes/connection.ts";

/** argv of `helm version`, giving `v4.3.1` alone. */
export const versionArgs = ["version", "--template", "{{.Version}}"] as const;

/** argv of `helm template`; the values come on stdin, so that neither argv nor a file holds them. */
export function templateArgs(render: ChartRender): readonly string[] {
  return [
    "template",
    render.release,
    render.chart,
    "--namespace",
    render.namespace,
    "--values",
    "-",
    "--kube-version",
    render.kubeVersion,
    ...render.apiVersions.flatMap((version) => ["--api-versions", version]),
  ];
}

/**
 * argv of `helm upgrade --install`; values on stdin, no --wait: the rollout is watched by migratectl, which can tell why a pod does not start.
 * --reset-values, so that the same answers give the same release whatever was installed before.
 */
export function upgradeArgs(render: ChartRender, connection: Connection, options: ApplyOptions = {}): readonly string[] {
  return [
    "upgrade",
    render.release,
    render.chart,
    "--install",
    "--values",
    "-",
    "--reset-values",
    "--output",
    "json",
    ...(options.takeOverConflicts === true ? ["--force-conflicts"] : []),
    ...target(render.namespace, connection),
  ];
}

/** argv of `helm history`, which also tells pending, failed and uninstalling revisions; `newest` limits it. */
export function historyArgs(release: string, namespace: string, connection: Connection, newest?: number): readonly string[] {
  return ["history", release, "--output", "json", "--max", String(newest ?? 256), ...target(namespace, connection)];
}

/** argv of `helm get manifest`. */
export function manifestArgs(release: string, namespace: string, connection: Connection): readonly string[] {
  return ["get", "manifest", release, ...target(namespace, connection)];
}

/** argv of `helm rollback`. */
export function rollbackArgs(release: string, namespace: string, revision: number, connection: Connection): readonly string[] {
  return ["rollback", release, String(revision), ...target(namespace, connection)];
}

/** argv of `helm uninstall`. */
export function uninstallArgs(release: string, namespace: string, connection: Connection): readonly string[] {
  return ["uninstall", release, "--ignore-not-found", ...target(namespace, connection)];
}

/** The context is always named. Several files go by KUBECONFIG only, which helmEnvironment sets: --kubeconfig takes one. */
function target(namespace: string, { kubeconfig, context }: Connection): readonly string[] {
  const [file, ...more] = kubeconfig;
  return ["--namespace", namespace, ...(file === undefined || more.length > 0 ? [] : ["--kubeconfig", file]), "--kube-context", context];
}
