import semver from "semver";
import type { ChartRenderer, Helm } from "../../ports/helm.ts";
import type { Connection } from "../kubernetes/connection.ts";
import { readHistory, readRelease } from "./answers.ts";
import { Binary, type RendererOptions } from "./binary.ts";
import { historyArgs, manifestArgs, rollbackArgs, templateArgs, uninstallArgs, upgradeArgs } from "./commands.ts";
import { saysNotFound } from "./problems.ts";

/** Milliseconds for what changes the cluster: hooks have five minutes each by helm's own rule. */
const changeDeadline = 1_200_000;

/** First helm that applies on the server's side, where fields of others can be in conflict. */
const serverSide = "4.0.0";

/** How a helm that works on a cluster is found and run. */
export interface HelmOptions extends RendererOptions {
  readonly connection: Connection;
}

/** What helm does without a cluster. */
export type Renderer = ChartRenderer & Pick<Helm, "version">;

/** Helm as the binary on this host, for rendering alone. It is looked for at the first use. */
export function createRenderer(options: RendererOptions): Renderer {
  return rendererOf(new Binary(options, undefined));
}

/** Helm as the binary on this host, on the cluster of the command; its version is asked before anything is changed. */
export function createHelm(options: HelmOptions): Helm {
  const { connection } = options;
  const binary = new Binary(options, connection);
  const change = async (args: readonly string[], signal: AbortSignal, input = "", quiet = false) => {
    await binary.version(signal);
    return await binary.succeed({ args, input, quiet, deadline: changeDeadline }, signal);
  };

  async function history(release: string, namespace: string, signal: AbortSignal, newest?: number) {
    const ended = await binary.run({ args: historyArgs(release, namespace, connection, newest) }, signal);
    if (ended.code === 0) return readHistory(release, ended.stdout);
    if (saysNotFound(ended.stderr)) return [];
    throw await binary.explain("history", ended, signal);
  }

  return {
    ...rendererOf(binary),
    async apply(render, signal, applyOptions = {}) {
      // An older helm patches from the client's side: it takes fields over without being asked, and does not know the flag.
      const conflicts = applyOptions.takeOverConflicts === true && semver.gte(await binary.version(signal), serverSide);
      const args = upgradeArgs(render, connection, { ...applyOptions, takeOverConflicts: conflicts });
      return readRelease(await change(args, signal, render.values, true));
    },
    find: async (release, namespace, signal) => (await history(release, namespace, signal, 1)).at(-1),
    history: (release, namespace, signal) => history(release, namespace, signal),
    manifest: (release, namespace, signal) => binary.succeed({ args: manifestArgs(release, namespace, connection), quiet: true }, signal),
    async rollback(release, namespace, revision, signal) {
      await change(rollbackArgs(release, namespace, revision, connection), signal);
    },
    async uninstall(release, namespace, signal) {
      await change(uninstallArgs(release, namespace, connection), signal);
    },
  };
}

function rendererOf(binary: Binary): Renderer {
  return {
    version: (signal) => binary.version(signal),
    template: (render, signal) => binary.succeed({ args: templateArgs(render), input: render.values, quiet: true }, signal),
  };
}
