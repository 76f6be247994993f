import { execa } from "execa";
import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import { type Environment, programEnvironment } from "../node/program-environment.ts";
import { parseJson } from "../parse-json.ts";
import { type DockerCredentials, dockerKey, helperFor, readDockerConfig, storedCredentials } from "./docker-config.ts";

/** Milliseconds that a credential helper gets; some ask a person to unlock a keychain. */
const longestRun = 30_000;

/** What docker's helpers give as the name when the secret is an identity token. */
const tokenName = "<token>";

const answerSchema = z.looseObject({ Username: z.string(), Secret: z.string() });

/** How credentials are looked for; `secrets` names variables that helpers do not get. */
export interface DockerOptions {
  readonly environment: Environment;
  readonly secrets?: readonly string[];
  /** Milliseconds for a helper; half a minute unless told otherwise. */
  readonly deadline?: number;
}

/**
 * What `docker login` has left on this host for a registry: in docker's config.json, or with the credential helper that it names.
 * Undefined when there is nothing.
 * @throws Problem DOCKER_CONFIG_INVALID, REGISTRY_CREDENTIAL_HELPER, which never repeat a secret; the signal's reason
 */
export async function dockerCredentials(host: string, options: DockerOptions, signal: AbortSignal): Promise<DockerCredentials | undefined> {
  const config = await readDockerConfig(options.environment);
  const key = dockerKey(host);
  const helper = helperFor(config, key);
  const kept = helper === undefined ? undefined : await askHelper(helper, key, options, signal);
  return kept ?? storedCredentials(config, key);
}

async function askHelper(
  name: string,
  key: string,
  { environment, secrets = [], deadline = longestRun }: DockerOptions,
  signal: AbortSignal,
): Promise<DockerCredentials | undefined> {
  const program = `docker-credential-${name}`;
  if (!/^[\w.-]+$/.test(name)) throw helperProblem(program, "is no name of a program");
  signal.throwIfAborted();
  const { exitCode, stdout, code, isCanceled } = await execa(program, ["get"], {
    env: { ...programEnvironment(environment, secrets) },
    extendEnv: false,
    input: key,
    reject: false,
    cancelSignal: AbortSignal.any([signal, AbortSignal.timeout(deadline)]),
    forceKillAfterDelay: 1_000,
  });
  signal.throwIfAborted();
  if (isCanceled) throw helperProblem(program, `has not answered within ${deadline / 1000} s`);
  if (code === "ENOENT") throw helperProblem(program, "is not installed or not on PATH");
  if (exitCode !== 0) {
    // Helpers say on stdout why they fail; "not found" is an answer.
    if (/credentials not found|no credentials|no usable credentials/i.test(stdout)) return undefined;
    throw helperProblem(program, `failed${reason(stdout)}`);
  }
  return parsed(program, stdout);
}

function parsed(program: string, stdout: string): DockerCredentials | undefined {
  const answer = answerSchema.safeParse(parseJson(stdout)).data;
  if (answer === undefined) throw helperProblem(program, "gave something that is no credential");
  if (answer.Secret === "") return undefined;
  return answer.Username === tokenName ? { identityToken: answer.Secret } : { username: answer.Username, password: answer.Secret };
}

/** The first line, unless it may be part of a credential. */
function reason(stdout: string): string {
  const line = stdout.trim().split("\n", 1)[0] ?? "";
  return line === "" || line.includes("{") ? "" : `: ${line.slice(0, 200)}`;
}

function helperProblem(program: string, what: string): Problem {
  return new Problem("REGISTRY_CREDENTIAL_HELPER", { what: `the credential helper ${program} ${what}` });
}
