import { answersFile } from "../e2e/support/answers.ts";
import type { E2eSite } from "../e2e/support/site.ts";

/** Writes the answers of a round: a namespace and a prefix in the registry of its own, so that all of it is new, and profile `trial`. */
export async function roundAnswers(site: E2eSite, name: string): Promise<string> {
  const { registry } = site.sandbox;
  if (registry === null) throw new Error("the sandbox has no registry");
  const { host, username, passwordFile, caFile } = registry;
  return await answersFile(site, name, {
    release: { namespace: name },
    registry: { host: `${host}/${name}`, username, password: { file: passwordFile }, caFile },
  });
}
