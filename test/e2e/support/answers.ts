import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { AnswersInput } from "../../../src/domain/answers/answers.ts";
import type { E2eSite } from "./site.ts";

/** A part of the answers that differs from the usual ones. */
export type AnswersChange = Partial<AnswersInput>;

/** Writes an answers file for the sandbox's registry and ingress and gives its path. */
export async function answersFile(site: E2eSite, name: string, change: AnswersChange = {}): Promise<string> {
  const { registry, ingress } = site.sandbox;
  if (registry === null || ingress === null) throw new Error("the sandbox has no registry or ingress");
  const answers: AnswersInput = {
    version: "migratectl/v2",
    profile: "trial",
    registry: { host: registry.host, username: registry.username, password: { file: registry.passwordFile }, caFile: registry.caFile },
    ingress: { className: ingress.className, host: ingress.host, tls: { mode: "self-signed" } },
    ...change,
  };
  const folder = join(site.scratch, "answers");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.yaml`);
  await writeFile(path, stringify(answers));
  return path;
}
