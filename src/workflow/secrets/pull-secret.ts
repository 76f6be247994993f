import type { Answers } from "../../domain/answers/answers.ts";
import type { SecretSources } from "../../ports/secret-sources.ts";
import { registryTarget } from "./registry-target.ts";

/** The pull secret's content, as the kubelet reads it: the registry's host, and user and password for it. */
export async function pullSecret(
  answers: Answers,
  sources: SecretSources,
  signal: AbortSignal,
): Promise<{ readonly type: "kubernetes.io/dockerconfigjson"; readonly values: Readonly<Record<string, string>> }> {
  const { host, credentials } = await registryTarget(answers.registry, sources, signal);
  const { username, password } = credentials ?? { username: "", password: "" };
  const auth = Buffer.from(`${username}:${password}`, "utf8").toString("base64");
  return {
    type: "kubernetes.io/dockerconfigjson",
    values: { ".dockerconfigjson": JSON.stringify({ auths: { [host]: { username, password, auth } } }) },
  };
}
