import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import type { Cluster, User } from "@kubernetes/client-node/dist/config_types.js";
import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import { type ClusterInfo, ExecPlugin, type ExecSpec, execSchema, type PluginHost } from "./exec-plugin.ts";

/** Under this name client-node finds our way of running credential plugins. */
const ownProvider = "migratectl-exec";

/**
 * Reads the files of a kubeconfig into one, as kubectl does: the first that names something counts.
 * @throws Problem KUBECONFIG_INVALID
 */
export function readKubeConfig(paths: readonly string[], plugins: PluginHost): KubeConfig {
  try {
    const parts = paths.flatMap(readPart);
    if (parts.length === 0) throw new Error("nothing is in it");
    const config = new KubeConfig();
    const clusters = firstOfEach(parts.flatMap((part) => part.clusters));
    const contexts = firstOfEach(parts.flatMap((part) => part.contexts));
    const users = firstOfEach(parts.flatMap((part) => part.users));
    const currentContext = parts.find((part) => part.currentContext)?.currentContext ?? "";
    config.loadFromOptions({ clusters, contexts, users: users.map(withOwnProvider), currentContext });
    addPlugins(config, users, plugins);
    return config;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Problem("KUBECONFIG_INVALID", { what: `${paths.join(", ")} cannot be used: ${message}`, cause });
  }
}

/** One file; an empty one says nothing, which is no error. */
function readPart(path: string): readonly KubeConfig[] {
  const text = readFileSync(path, "utf8");
  if (text.trim() === "") return [];
  const part = new KubeConfig();
  part.loadFromString(text);
  part.makePathsAbsolute(dirname(path));
  part.users = part.users.map((user) => withAbsoluteCommand(user, dirname(path)));
  return [part];
}

/** A plugin that is named by a relative path lies beside the kubeconfig. */
function withAbsoluteCommand(user: User, folder: string): User {
  const spec = execSchema.safeParse(user.exec).data;
  if (spec === undefined || !spec.command.includes("/") || isAbsolute(spec.command)) return user;
  return { ...user, exec: { ...spec, command: join(folder, spec.command) } };
}

function firstOfEach<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...Map.groupBy(items, ({ name }) => name).values()].flatMap(([first]) => (first === undefined ? [] : [first]));
}

/** client-node would run the plugin itself, with the whole environment of this process. */
function withOwnProvider(user: User): User {
  if (user.exec === undefined || user.exec === null) return user;
  const { exec: _, ...rest } = user;
  return { ...rest, authProvider: { name: ownProvider } };
}

function addPlugins(config: KubeConfig, users: readonly User[], host: PluginHost): void {
  const plugins = new Map<string, ExecPlugin>();
  const pluginOf = ({ name }: User): ExecPlugin => {
    const plugin = plugins.get(name) ?? new ExecPlugin(specOf(users, name), () => infoOf(config.getCurrentCluster()), host);
    plugins.set(name, plugin);
    return plugin;
  };
  config.addAuthenticator({
    isAuthProvider: (user) => user.authProvider?.name === ownProvider,
    async applyAuthentication(user, options) {
      const { clientCertificateData, clientKeyData, token } = await pluginOf(user).credential();
      if (clientCertificateData !== undefined) options.cert = clientCertificateData;
      if (clientKeyData !== undefined) options.key = clientKeyData;
      if (token !== undefined) options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
    },
  });
}

function specOf(users: readonly User[], name: string): ExecSpec {
  const spec = execSchema.safeParse(users.find((user) => user.name === name)?.exec);
  if (spec.success) return spec.data;
  throw new Problem("KUBECONFIG_INVALID", { what: `the exec of user "${name}" cannot be used: ${z.prettifyError(spec.error)}` });
}

function infoOf(cluster: Cluster | null): ClusterInfo {
  if (cluster === null) return {};
  const { server, caData, skipTLSVerify, tlsServerName, proxyUrl } = cluster;
  return {
    server,
    ...(caData === undefined ? {} : { "certificate-authority-data": caData }),
    ...(skipTLSVerify ? { "insecure-skip-tls-verify": true } : {}),
    ...(tlsServerName === undefined ? {} : { "tls-server-name": tlsServerName }),
    ...(proxyUrl === undefined ? {} : { "proxy-url": proxyUrl }),
  };
}
