import type { Readable } from "node:stream";
import { execa } from "execa";
import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";

/** What runs the credential plugins of a kubeconfig. */
export interface PluginHost {
  /** The plugins' environment; the secrets of the answers are not in it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Told each line that a plugin writes to stderr while it runs: a person may have to log in somewhere. */
  readonly say?: (line: string) => void;
  /** Milliseconds that a plugin gets, and a person who logs in with its help; two minutes unless told otherwise. */
  readonly deadline?: number;
  /** Ends the plugins that run when the command is cancelled. */
  readonly signal?: AbortSignal;
}

/** `users[].user.exec` of a kubeconfig. */
export const execSchema = z.object({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().nullish(),
  provideClusterInfo: z.boolean().nullish(),
});

/** How to run a credential plugin. */
export type ExecSpec = z.infer<typeof execSchema>;

const credentialSchema = z.object({
  kind: z.literal("ExecCredential"),
  status: z.object({
    token: z.string().min(1).optional(),
    clientCertificateData: z.string().min(1).optional(),
    clientKeyData: z.string().min(1).optional(),
    expirationTimestamp: z.string().optional(),
  }),
});

/** What a plugin gave; PEM where it is a certificate. */
export type ExecCredential = z.infer<typeof credentialSchema>["status"];

/** The cluster as a plugin with `provideClusterInfo` is told it. */
export type ClusterInfo = Readonly<Record<string, string | boolean>>;

const longestRun = 120_000;

/** Milliseconds before its end at which a credential counts as expired: a request takes time, too. */
const margin = 5_000;

/**
 * One credential plugin, run as kubectl does it, but without our secrets in its environment, and once for any number of requests that need
 * it at the same moment. What it gave is kept until it expires.
 */
export class ExecPlugin {
  private readonly spec: ExecSpec;
  private readonly cluster: () => ClusterInfo;
  private readonly host: PluginHost;
  private held: ExecCredential | undefined;
  private running: Promise<ExecCredential> | undefined;

  constructor(spec: ExecSpec, cluster: () => ClusterInfo, host: PluginHost) {
    this.spec = spec;
    this.cluster = cluster;
    this.host = host;
  }

  /** @throws Problem CLUSTER_CREDENTIAL_PLUGIN; the reason of the host's signal */
  async credential(): Promise<ExecCredential> {
    if (this.held !== undefined && lasts(this.held)) return this.held;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    this.held = await this.running;
    return this.held;
  }

  private async run(): Promise<ExecCredential> {
    const { signal, deadline = longestRun } = this.host;
    signal?.throwIfAborted();
    const { command, args, apiVersion, env, provideClusterInfo } = this.spec;
    const cluster = provideClusterInfo === true ? { cluster: this.cluster() } : {};
    const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false, ...cluster } };
    const child = execa(command, args ?? [], {
      env: {
        ...this.host.environment,
        ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
        KUBERNETES_EXEC_INFO: JSON.stringify(info),
      },
      extendEnv: false,
      stdin: "ignore",
      reject: false,
      cancelSignal: AbortSignal.any([AbortSignal.timeout(deadline), ...(signal === undefined ? [] : [signal])]),
      forceKillAfterDelay: 1_000,
    });
    this.listen(child.stderr);
    const { exitCode, stdout, stderr, code, isCanceled } = await child;
    signal?.throwIfAborted();
    if (isCanceled) throw this.problem(`has not ended within ${deadline / 1000} s${said(stderr)}`);
    if (code === "ENOENT") throw this.problem("is not installed or not on PATH");
    if (exitCode !== 0) throw this.problem(`failed: ${firstLine(stderr) || "no output"}`);
    return this.parsed(stdout);
  }

  private listen(stderr: Readable): void {
    const { say } = this.host;
    if (say === undefined) return;
    let rest = "";
    stderr.setEncoding("utf8").on("data", (text: string) => {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") say(line.trimEnd());
    });
  }

  /** The output holds the credential, so that no error repeats any of it. */
  private parsed(stdout: string): ExecCredential {
    try {
      const { status } = credentialSchema.parse(JSON.parse(stdout));
      if (status.token !== undefined || (status.clientCertificateData !== undefined && status.clientKeyData !== undefined)) return status;
    } catch {
      throw this.problem("gave something that is no ExecCredential");
    }
    throw this.problem("gave neither a token nor a certificate with its key");
  }

  private problem(what: string): Problem {
    const hint = this.spec.installHint?.trim() ?? "";
    return new Problem("CLUSTER_CREDENTIAL_PLUGIN", {
      what: `the credential plugin "${this.spec.command}" ${what}`,
      ...(hint === "" ? {} : { fix: hint }),
    });
  }
}

function lasts({ expirationTimestamp }: ExecCredential): boolean {
  return expirationTimestamp === undefined || Date.parse(expirationTimestamp) - margin > Date.now();
}

function said(stderr: string): string {
  const text = stderr.replaceAll(/\s+/g, " ").trim();
  return text === "" ? "" : `; it said: ${text.slice(0, 400)}`;
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
