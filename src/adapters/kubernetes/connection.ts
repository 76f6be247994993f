import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { didYouMean } from "../../domain/answers/did-you-mean.ts";
import { Problem } from "../../domain/errors/problem.ts";

/** What a person says about the cluster: both may be absent, then kubectl's own rules hold. */
export interface ConnectionOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** $KUBECONFIG of the process. */
  readonly environment?: string | undefined;
}

/**
 * Loads the kubeconfig as kubectl does (--kubeconfig, $KUBECONFIG with several files, ~/.kube/config).
 * @throws Problem KUBECONFIG_MISSING, KUBECONFIG_INVALID, CONTEXT_UNKNOWN
 */
export function loadKubeConfig(options: ConnectionOptions): KubeConfig {
  const config = new KubeConfig();
  const paths = kubeconfigPaths(options);
  try {
    const [first, ...rest] = paths;
    if (first === undefined) throw new Error("no file");
    config.loadFromFile(first);
    for (const path of rest) {
      const more = new KubeConfig();
      more.loadFromFile(path);
      config.mergeConfig(more, true);
    }
  } catch (cause) {
    throw new Problem("KUBECONFIG_INVALID", { what: `${paths.join(", ")} cannot be used: ${messageOf(cause)}`, cause });
  }
  if (options.context !== undefined) {
    if (config.getContextObject(options.context) === null) {
      const names = config.getContexts().map((context) => context.name);
      const near = didYouMean(options.context, names);
      const hint = near === undefined ? `it has: ${names.join(", ") || "none"}` : `did you mean "${near}"?`;
      throw new Problem("CONTEXT_UNKNOWN", {
        what: `there is no context "${options.context}" in ${paths.join(", ")}; ${hint}`,
        data: { contexts: names },
      });
    }
    config.setCurrentContext(options.context);
  }
  if (config.getCurrentCluster() === null || config.getCurrentUser() === null) {
    throw new Problem("KUBECONFIG_INVALID", {
      what: `context "${config.getCurrentContext() ?? ""}" in ${paths.join(", ")} names no cluster or user`,
    });
  }
  return config;
}

function kubeconfigPaths({ kubeconfig, environment }: ConnectionOptions): readonly string[] {
  if (kubeconfig !== undefined) {
    if (!existsSync(kubeconfig)) throw new Problem("KUBECONFIG_MISSING", { what: `${kubeconfig} does not exist` });
    return [kubeconfig];
  }
  const candidates = environment ? environment.split(delimiter).filter((path) => path !== "") : [join(homedir(), ".kube", "config")];
  const present = candidates.filter((path) => existsSync(path));
  if (present.length === 0) throw new Problem("KUBECONFIG_MISSING", { what: `no kubeconfig at ${candidates.join(", ")}` });
  return present;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
