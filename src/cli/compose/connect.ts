import type { RendererOptions } from "../../adapters/helm/binary.ts";
import type { ApiClient } from "../../adapters/kubernetes/api-client.ts";
import type { Connection } from "../../adapters/kubernetes/connection.ts";
import type { Proxies } from "../../adapters/node/proxies.ts";
import { answersSchema } from "../../domain/answers/answers.ts";
import { draftAnswers } from "../../domain/answers/draft.ts";
import { secretVariables } from "../../domain/answers/secret-variables.ts";
import { valueAt } from "../../domain/answers/tree.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { Helm } from "../../ports/helm.ts";
import type { SecretSources } from "../../ports/secret-sources.ts";
import type { Globals } from "../global-flags.ts";
import { answerSourcesForWriting } from "../load-answers.ts";

/** What a command's environment and answers file say about the world outside, cluster or not. */
export interface Surroundings {
  readonly context: string | undefined;
  readonly namespace: string;
  /** Variables that hold secrets: no program that is run gets them. */
  readonly secrets: readonly string[];
  readonly proxies: Proxies;
}

/** The cluster of one command, and everything that talks to it. */
export interface Cluster {
  readonly connection: Connection;
  readonly client: ApiClient;
  readonly objects: ClusterObjects;
  readonly proxies: Proxies;
  /** helm on this very cluster, whatever the current context is meanwhile. */
  helm(options: Pick<RendererOptions, "carried" | "log">): Promise<Helm>;
}

const clusters = new WeakMap<Globals, Promise<Cluster>>();

/**
 * The cluster of a command. Kubeconfig and context are decided at the first call; every later one of the same command gets the same.
 * @throws Problem KUBECONFIG_*, CONTEXT_UNKNOWN, ANSWERS_*
 */
export function connect(globals: Globals, context?: string): Promise<Cluster> {
  const known = clusters.get(globals) ?? open(globals, context);
  clusters.set(globals, known);
  return known;
}

/** Where the references in the answers lead; the cluster is asked only when one leads into a Secret of the release's namespace. */
export async function secretSources(globals: Globals): Promise<SecretSources> {
  const { createSecretSources } = await import("../../adapters/node/secret-sources.ts");
  return createSecretSources(process.env, async (name, key, signal) => {
    const [{ namespace }, { objects }] = await Promise.all([surroundings(globals), connect(globals)]);
    return (await objects.readSecret(namespace, name, signal))?.[key];
  });
}

/** Reads what a command needs to know before it talks to anything. @throws Problem ANSWERS_*, FILE_UNREADABLE */
export async function surroundings(globals: Globals): Promise<Surroundings> {
  const { proxiesOf } = await import("../../adapters/node/proxies.ts");
  // A file that is not there yet is no concern here: the command itself tells whether it needs one.
  const { tree } = draftAnswers(await answerSourcesForWriting({}, globals));
  const text = (...path: string[]) => {
    const value = valueAt(tree, path);
    return typeof value === "string" ? value : undefined;
  };
  return {
    context: globals.context ?? text("cluster", "context"),
    namespace: globals.namespace ?? text("release", "namespace") ?? defaultNamespace,
    secrets: secretVariables(tree),
    proxies: proxiesOf(process.env),
  };
}

const defaultNamespace = answersSchema.shape.release.parse(undefined).namespace;

async function open(globals: Globals, context: string | undefined): Promise<Cluster> {
  const { openConnection } = await import("../../adapters/kubernetes/connection.ts");
  const { ApiClient } = await import("../../adapters/kubernetes/api-client.ts");
  const { createClusterObjects } = await import("../../adapters/kubernetes/objects.ts");
  const { programEnvironment } = await import("../../adapters/node/program-environment.ts");
  const around = await surroundings(globals);
  const { secrets, proxies } = around;
  const { connection, config } = openConnection(
    { kubeconfig: globals.kubeconfig, context: globals.context ?? context ?? around.context, environment: process.env["KUBECONFIG"] },
    {
      environment: programEnvironment(process.env, secrets),
      signal: globals.signal,
      say: (line) => globals.progress.tell({ kind: "note", text: line }),
    },
  );
  const client = new ApiClient(config, proxies);
  return {
    connection,
    client,
    objects: createClusterObjects(client),
    proxies,
    async helm(options) {
      const { createHelm } = await import("../../adapters/helm/helm.ts");
      return createHelm({ environment: process.env, secrets, connection, ...options });
    },
  };
}
