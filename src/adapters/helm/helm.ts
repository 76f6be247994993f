import semver from "semver";
import { Problem } from "../../domain/errors/problem.ts";
import type { Helm } from "../../ports/helm.ts";
import { readHistory, readRelease } from "./answers.ts";
import {
  type HelmConnection,
  historyArgs,
  manifestArgs,
  rollbackArgs,
  templateArgs,
  uninstallArgs,
  upgradeArgs,
  versionArgs,
} from "./commands.ts";
import { helmEnvironment } from "./environment.ts";
import { locateHelm } from "./locate.ts";
import { helmProblem, saysNotFound } from "./problems.ts";
import { type Ended, runHelm } from "./run.ts";

/** Oldest helm that knows everything that {@link upgradeArgs} and the chart use. */
const oldest = "3.14.0";

/** Exit statuses with which a system says that what it was to run is no program (a file for another machine, say). */
const [cannotExecute, notFound] = [126, 127];

/** How helm is found and run. */
export interface HelmOptions extends HelmConnection {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path of the helm that the bundle carries, used when there is no other. */
  readonly carried?: string | undefined;
  /** Told the command line and the output of every run (values and manifests excepted), for the run directory. */
  readonly log?: (text: string) => Promise<void>;
}

/** Helm as the binary on this host. It is looked for at the first use; version is asked before anything is changed. */
export function createHelm(options: HelmOptions): Helm {
  const environment = helmEnvironment(options.environment);
  let located: Promise<string> | undefined;
  let checked: Promise<string> | undefined;

  async function run(args: readonly string[], signal: AbortSignal, input = "", quiet = false): Promise<Ended> {
    located ??= locateHelm(options.environment, options.carried);
    const ended = await runHelm(await located, args, environment, input, signal);
    await options.log?.(`$ helm ${args.join(" ")}\n${quiet ? "" : ended.stdout}${ended.stderr}exit ${ended.code}\n`);
    return ended;
  }

  async function succeed(args: readonly string[], signal: AbortSignal, input = "", quiet = false): Promise<string> {
    const ended = await run(args, signal, input, quiet);
    if (ended.code !== 0) throw await explain(args[0] ?? "", ended, signal);
    return ended.stdout;
  }

  /** A helm that is too old fails on flags it does not know: that, then, is the error to tell. */
  async function explain(doing: string, ended: Ended, signal: AbortSignal): Promise<Problem> {
    if (/unknown (shorthand )?flag|unknown command/.test(ended.stderr)) await version(signal);
    if (ended.code === cannotExecute || ended.code === notFound)
      return new Problem("HELM_MISSING", { what: `${await located} is no program for this machine` });
    return helmProblem(doing, ended.stderr);
  }

  function version(signal: AbortSignal): Promise<string> {
    checked ??= checkedVersion(signal);
    return checked;
  }

  async function checkedVersion(signal: AbortSignal): Promise<string> {
    const { code, stdout } = await run(versionArgs, signal);
    const found = semver.coerce(stdout)?.version;
    if (code !== 0 || found === undefined)
      throw new Problem("HELM_MISSING", { what: `${await located} does not tell a version; it is not helm` });
    if (semver.lt(found, oldest))
      throw new Problem("HELM_TOO_OLD", { what: `${await located} is helm ${found}; ${oldest} or newer is needed` });
    return found;
  }

  async function history(release: string, namespace: string, signal: AbortSignal, newest?: number) {
    const ended = await run(historyArgs(release, namespace, options, newest), signal);
    if (ended.code === 0) return readHistory(release, ended.stdout);
    if (saysNotFound(ended.stderr)) return [];
    throw await explain("history", ended, signal);
  }

  return {
    version,
    template: (render, signal) => succeed(templateArgs(render), signal, render.values, true),
    async apply(render, signal, applyOptions) {
      // Helm 3 writes over what others changed, unasked, and has no flag for it.
      const known = semver.major(await version(signal)) >= 4 ? applyOptions : {};
      return readRelease(await succeed(upgradeArgs(render, options, known), signal, render.values, true));
    },
    find: async (release, namespace, signal) => (await history(release, namespace, signal, 1)).at(-1),
    history: (release, namespace, signal) => history(release, namespace, signal),
    manifest: (release, namespace, signal) => succeed(manifestArgs(release, namespace, options), signal, "", true),
    async rollback(release, namespace, revision, signal) {
      await version(signal);
      await succeed(rollbackArgs(release, namespace, revision, options), signal);
    },
    async uninstall(release, namespace, signal) {
      await version(signal);
      await succeed(uninstallArgs(release, namespace, options), signal);
    },
  };
}
