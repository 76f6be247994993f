import { delimiter } from "node:path";
import type { Connection } from "../kubernetes/connection.ts";
import { type Environment, programEnvironment } from "../node/program-environment.ts";

/**
 * The environment of the helm process: everything but secrets (helm starts the kubeconfig's credential plugins, which may need any
 * variable), and HELM_*, which would change what the same argv means. KUBECONFIG is the command's own.
 */
export function helmEnvironment(
  environment: Environment,
  secrets: readonly string[],
  connection: Connection | undefined,
): Readonly<Record<string, string>> {
  const shown = Object.entries(programEnvironment(environment, secrets)).filter(([name]) => !name.startsWith("HELM_"));
  return {
    ...Object.fromEntries(shown),
    ...(connection === undefined ? {} : { KUBECONFIG: connection.kubeconfig.join(delimiter) }),
  };
}
