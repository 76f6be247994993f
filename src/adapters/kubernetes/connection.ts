import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { didYouMean } from "../../domain/answers/did-you-mean.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { programEnvironment } from "../node/program-environment.ts";
import type { PluginHost } from "./exec-plugin.ts";
import { readKubeConfig } from "./kubeconfig.ts";

/** What a person says about the cluster: both may be absent, then kubectl's own rules hold. */
export interface ConnectionOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** $KUBECONFIG of the process. */
  readonly environment?: string | undefined;
}

/**
 * The cluster of one command, fixed when it starts. Everything that talks to the cluster is given this, programs that we run too: a
 * current-context that is changed in another terminal meanwhile moves nothing of the command to another cluster.
 */
export interface Connection {
  /** Absolute paths of the kubeconfig's files; what stands in an earlier one counts. */
  readonly kubeconfig: readonly string[];
  readonly context: string;
}

/** A connection, and what its files say. */
export interface OpenedConnection {
  readonly connection: Connection;
  readonly config: KubeConfig;
}

/**
 * Decides on files and context as kubectl does (--kubeconfig, $KUBECONFIG with several files, ~/.kube/config; the current context unless one is named).
 * @throws Problem KUBECONFIG_MISSING, KUBECONFIG_INVALID, CONTEXT_UNKNOWN
 */
export function openConnection(options: ConnectionOptions, plugins: PluginHost = defaultHost()): OpenedConnection {
  const paths = kubeconfigPaths(options).map((path) => resolve(path));
  const config = readKubeConfig(paths, plugins);
  if (options.context !== undefined) {
    if (config.getContextObject(options.context) === null) throw unknownContext(options.context, config, paths);
    config.setCurrentContext(options.context);
  }
  if (config.getCurrentCluster() === null || config.getCurrentUser() === null) {
    throw new Problem("KUBECONFIG_INVALID", {
      what: `context "${config.getCurrentContext() ?? ""}" in ${paths.join(", ")} names no cluster or user`,
    });
  }
  return { connection: { kubeconfig: paths, context: config.getCurrentContext() }, config };
}

/** What the files of {@link openConnection} say. Throws as it does. */
export function loadKubeConfig(options: ConnectionOptions, plugins?: PluginHost): KubeConfig {
  return openConnection(options, plugins).config;
}

function defaultHost(): PluginHost {
  return { environment: programEnvironment(process.env, []) };
}

function unknownContext(context: string, config: KubeConfig, paths: readonly string[]): Problem {
  const names = config.getContexts().map(({ name }) => name);
  const near = didYouMean(context, names);
  const hint = near === undefined ? `it has: ${names.join(", ") || "none"}` : `did you mean "${near}"?`;
  return new Problem("CONTEXT_UNKNOWN", {
    what: `there is no context "${context}" in ${paths.join(", ")}; ${hint}`,
    data: { contexts: names },
  });
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
