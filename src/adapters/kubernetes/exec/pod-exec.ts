import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import { vital } from "../../../domain/facts/rights.ts";
import type { ExecEnded, ExecLimits, ExecTarget, PodExec } from "../../../ports/pod-exec.ts";
import { noProxies, type Proxies } from "../../node/proxies.ts";
import { createWebSockets, refusalOf, type WebSockets } from "../web-sockets.ts";

/** The rights that running a program in a pod uses; `get` and `create` as for a tunnel. */
export const execRights = vital("look after backups", "get,create pods/exec");

/** Channel numbers of the remote command protocol (v4 and v5). */
const channel = { stdout: 1, stderr: 2, status: 3 } as const;

/** Bytes of output that are taken unless told otherwise. */
const defaultMostOutput = 64 * 1024 * 1024;

/** The Status that ends a run: a program's bad exit status stands among the causes. */
const statusSchema = z.object({
  status: z.string(),
  reason: z.string().default(""),
  message: z.string().default(""),
  details: z
    .object({ causes: z.array(z.object({ reason: z.string().default(""), message: z.string().default("") })).default([]) })
    .nullish(),
});

/** Programs in containers through the API server's exec over WebSocket, by the proxies that kubectl would use. */
export function createPodExec(config: KubeConfig, proxies: Proxies = noProxies): PodExec {
  const sockets = createWebSockets(config, proxies);
  return { run: (target, argv, limits, signal) => run(sockets, target, argv, limits, signal) };
}

async function run(
  sockets: WebSockets,
  target: ExecTarget,
  argv: readonly string[],
  { deadline, mostOutput = defaultMostOutput }: ExecLimits,
  signal: AbortSignal,
): Promise<ExecEnded> {
  const late = AbortSignal.timeout(deadline);
  const limit = AbortSignal.any([signal, late]);
  const reception = new Reception(target, mostOutput);
  try {
    const socket = await sockets.open(pathOf(target, argv), (stream, data) => reception.receive(stream, data), limit);
    const stop = () => reception.fail(limit.reason);
    limit.addEventListener("abort", stop, { once: true });
    socket.onclose = () => reception.closed();
    socket.onerror = ({ message }) => reception.fail(execFailed(target, message));
    if (socket.readyState === socket.CLOSED) reception.closed();
    try {
      return await reception.ended;
    } finally {
      limit.removeEventListener("abort", stop);
      socket.close();
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const doing = `${argv.slice(0, 2).join(" ")} in ${target.pod}`;
    if (late.aborted) throw new Problem("DEADLINE", { what: `${doing} did not end within ${Math.round(deadline / 1000)} s` });
    if (error instanceof Problem) throw error;
    const { message, denied } = refusalOf(error);
    throw execFailed(target, message, denied);
  }
}

function pathOf({ namespace, pod, container }: ExecTarget, argv: readonly string[]): string {
  const query = new URLSearchParams({ container, stdout: "true", stderr: "true", stdin: "false", tty: "false" });
  for (const word of argv) query.append("command", word);
  return `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query.toString()}`;
}

/** Collects the output of one run until its status comes. */
class Reception {
  private readonly target: ExecTarget;
  private readonly mostOutput: number;
  private readonly end = Promise.withResolvers<ExecEnded>();
  private readonly output: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  private bytes = 0;

  constructor(target: ExecTarget, mostOutput: number) {
    this.target = target;
    this.mostOutput = mostOutput;
    // Whoever opened the socket may have failed before it waits for the end.
    this.end.promise.catch(() => undefined);
  }

  get ended(): Promise<ExecEnded> {
    return this.end.promise;
  }

  receive(stream: number, data: Buffer): void {
    if (stream === channel.status) {
      this.finish(data);
      return;
    }
    const kept = stream === channel.stdout ? this.output.stdout : stream === channel.stderr ? this.output.stderr : undefined;
    if (kept === undefined) return;
    this.bytes += data.length;
    if (this.bytes > this.mostOutput) this.fail(execFailed(this.target, `it printed more than ${this.mostOutput} bytes`));
    else kept.push(data);
  }

  closed(): void {
    this.fail(execFailed(this.target, "the connection was lost before it was known how the program ended"));
  }

  fail(reason: unknown): void {
    this.end.reject(reason);
  }

  private finish(data: Buffer): void {
    const parsed = statusSchema.safeParse(jsonOf(data));
    if (!parsed.success) {
      this.fail(execFailed(this.target, "the API server ended the run with a status that cannot be read"));
      return;
    }
    const { status, reason, message, details } = parsed.data;
    const told = details?.causes.find((cause) => cause.reason === "ExitCode")?.message;
    if (status === "Success") this.resolve(0);
    else if (reason === "NonZeroExitCode" && told !== undefined) this.resolve(Number(told));
    else this.fail(execFailed(this.target, message));
  }

  private resolve(code: number): void {
    const text = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString("utf8");
    this.end.resolve({ code, stdout: text(this.output.stdout), stderr: text(this.output.stderr) });
  }
}

function jsonOf(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString("utf8"));
  } catch {
    return undefined;
  }
}

function execFailed({ namespace, pod, container }: ExecTarget, message: string, denied = false): Problem {
  return new Problem("EXEC_FAILED", {
    what: `nothing could be run in container ${container} of pod ${pod} in ${namespace}: ${message}`,
    ...(denied ? { why: "The user of the kubeconfig lacks the right to get or create pods/exec." } : {}),
    fix: denied
      ? "Ask the cluster's owner for: get and create on pods/exec in the namespace."
      : `Try: kubectl -n ${namespace} exec ${pod} -c ${container} -- true`,
  });
}
