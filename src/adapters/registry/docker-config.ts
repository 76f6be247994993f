import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { Environment } from "../node/program-environment.ts";

/** What docker's config.json keeps for one registry; other keys are not ours to judge. */
const entrySchema = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});

const configSchema = z.looseObject({
  auths: z.record(z.string(), entrySchema).nullish(),
  credHelpers: z.record(z.string(), z.string()).nullish(),
  credsStore: z.string().nullish(),
});

/** docker's config.json, as far as it tells how to log in. */
export type DockerConfig = z.infer<typeof configSchema>;

/** What a registry is logged in to with: a name and password, or the token that `docker login` got for them. */
export type DockerCredentials = { readonly username: string; readonly password: string } | { readonly identityToken: string };

/** Under this name docker keeps what belongs to Docker Hub. */
const dockerHub = { key: "https://index.docker.io/v1/", hosts: new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]) };

/** $DOCKER_CONFIG/config.json, else ~/.docker/config.json; empty when there is none. @throws Problem DOCKER_CONFIG_INVALID */
export async function readDockerConfig(environment: Environment): Promise<DockerConfig> {
  const path = join(environment["DOCKER_CONFIG"] || join(environment["HOME"] || homedir(), ".docker"), "config.json");
  try {
    return configSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return {};
    // A parser's message may quote the file, which holds passwords.
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof SyntaxError ? "it is no JSON" : String(code);
    throw new Problem("DOCKER_CONFIG_INVALID", { what: `${path} cannot be used: ${reason}` });
  }
}

/** The name under which docker's config and its helpers know a registry. */
export function dockerKey(host: string): string {
  return dockerHub.hosts.has(host) ? dockerHub.key : host;
}

/** The helper that keeps the credentials of a registry; undefined when the file itself does. */
export function helperFor({ credHelpers, credsStore }: DockerConfig, key: string): string | undefined {
  return credHelpers?.[key] || credsStore || undefined;
}

/** What the file itself says of a registry; its keys may have a scheme and a path, as older versions of docker wrote them. */
export function storedCredentials({ auths }: DockerConfig, key: string): DockerCredentials | undefined {
  const entries = auths ?? {};
  const entry = entries[key] ?? Object.entries(entries).find(([name]) => hostOf(name) === key)?.[1];
  if (entry === undefined) return undefined;
  if (entry.identitytoken) return { identityToken: entry.identitytoken };
  const [, username = entry.username, password = entry.password] =
    /^([^:]+):(.*)$/s.exec(Buffer.from(entry.auth ?? "", "base64").toString("utf8")) ?? [];
  // Old versions of docker padded the password with zero bytes.
  return username ? { username, password: (password ?? "").replace(/\0+$/, "") } : undefined;
}

function hostOf(name: string): string {
  return name.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}
