import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import type { WebSocket } from "ws";
import { Problem } from "../../../domain/errors/problem.ts";
import { vital } from "../../../domain/facts/rights.ts";
import type { ExecEnded, ExecLimits, ExecStreams, ExecTarget, PersonsTerminal, PodExec } from "../../../ports/pod-exec.ts";
import { noProxies, type Proxies } from "../../node/proxies.ts";
import { createWebSockets, refusalOf, type WebSockets } from "../web-sockets.ts";
import { channel, Reception } from "./reception.ts";

/** The rights that running a program in a pod uses; `get` and `create` as for a tunnel. */
export const execRights = vital("look after backups", "get,create pods/exec");

/** Bytes of output that are kept unless told otherwise. */
const defaultMostOutput = 64 * 1024 * 1024;

/** Bytes of one frame of stdin, and how many may be on their way. */
const [frameBytes, mostUnsent] = [128 * 1024, 4 * 1024 * 1024];

/** Programs in containers through the API server's exec over WebSocket, by the proxies that kubectl would use. */
export function createPodExec(config: KubeConfig, proxies: Proxies = noProxies): PodExec {
  const sockets = createWebSockets(config, proxies);
  return {
    run: (target, argv, limits, signal) => run(sockets, target, argv, limits, signal),
    stream: (target, argv, streams, limits, signal) => stream(sockets, { target, argv, streams }, limits, signal),
    attach: async (target, argv, terminal, limits, signal) => {
      const streams = { stdin: terminal.keys, stdout: terminal.show };
      return (await stream(sockets, { target, argv, streams, terminal }, limits, signal)).code;
    },
  };
}

async function run(
  sockets: WebSockets,
  target: ExecTarget,
  argv: readonly string[],
  limits: ExecLimits,
  signal: AbortSignal,
): Promise<ExecEnded> {
  const { mostOutput = defaultMostOutput } = limits;
  const output: Buffer[] = [];
  let bytes = 0;
  const stdout = async (data: Buffer): Promise<void> => {
    bytes += data.length;
    if (bytes > mostOutput) throw execFailed(target, `it printed more than ${mostOutput} bytes`);
    output.push(data);
  };
  const ended = await stream(sockets, { target, argv, streams: { stdout } }, limits, signal);
  return { ...ended, stdout: Buffer.concat(output).toString("utf8") };
}

/** A program to run, and where its bytes come from and go to. */
interface Program {
  readonly target: ExecTarget;
  readonly argv: readonly string[];
  readonly streams: ExecStreams;
  /** Where a person sits before it. */
  readonly terminal?: PersonsTerminal;
}

async function stream(
  sockets: WebSockets,
  program: Program,
  { deadline, mostOutput = defaultMostOutput }: ExecLimits,
  signal: AbortSignal,
): Promise<Omit<ExecEnded, "stdout">> {
  const { target, argv, streams, terminal } = program;
  const late = AbortSignal.timeout(deadline);
  const limit = AbortSignal.any([signal, late]);
  const reception = new Reception({ stdout: streams.stdout, mostErrors: mostOutput, failed: (message) => execFailed(target, message) });
  const stop = () => reception.fail(limit.reason);
  try {
    const socket = await opened(sockets, target, pathOf(program), reception, limit);
    limit.addEventListener("abort", stop, { once: true });
    const resized = terminal === undefined ? undefined : followSize(socket, terminal);
    try {
      if (streams.stdin !== undefined) feed(socket, streams.stdin).catch((error: unknown) => reception.fail(error));
      return await reception.ended;
    } finally {
      limit.removeEventListener("abort", stop);
      resized?.();
      socket.close();
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (!late.aborted) throw error;
    const doing = `${argv.slice(0, 2).join(" ")} in ${target.pod}`;
    throw new Problem("DEADLINE", { what: `${doing} did not end within ${Math.round(deadline / 1000)} s` });
  }
}

/** The connection of a run, whose frames go to its reception. @throws Problem EXEC_FAILED */
async function opened(
  sockets: WebSockets,
  target: ExecTarget,
  path: string,
  reception: Reception,
  signal: AbortSignal,
): Promise<WebSocket> {
  try {
    const socket = await sockets.open(path, (number, data) => reception.receive(number, data), signal);
    reception.connection = socket;
    socket.onclose = () => reception.closed();
    socket.onerror = ({ message }) => reception.fail(execFailed(target, message));
    if (socket.readyState === socket.CLOSED) reception.closed();
    return socket;
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { message, denied } = refusalOf(error);
    throw execFailed(target, message, denied);
  }
}

/** Sends bytes as frames of stdin, no faster than they leave. A connection that ends meanwhile is told by its own end. */
async function feed(socket: WebSocket, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) {
    for (let start = 0; start < chunk.length; start += frameBytes) {
      if (socket.readyState !== socket.OPEN) return;
      const frame = Buffer.concat([Buffer.of(channel.stdin), chunk.subarray(start, start + frameBytes)]);
      const sent = new Promise<void>((resolve) => socket.send(frame, () => resolve()));
      if (socket.bufferedAmount > mostUnsent) await sent;
    }
  }
}

/** Tells the size of a terminal, now and whenever it changes; gives what ends that. */
function followSize(socket: WebSocket, { size, onResize }: PersonsTerminal): () => void {
  const tell = () => {
    const { columns, rows } = size();
    const text = JSON.stringify({ Width: columns, Height: rows });
    if (socket.readyState === socket.OPEN) socket.send(Buffer.concat([Buffer.of(channel.resize), Buffer.from(text)]));
  };
  tell();
  return onResize(tell);
}

function pathOf({ target: { namespace, pod, container }, argv, streams, terminal }: Program): string {
  const [stdin, tty] = [streams.stdin !== undefined, terminal !== undefined];
  // On a terminal both kinds of output are one.
  const query = new URLSearchParams({ container, stdout: "true", stderr: String(!tty), stdin: String(stdin), tty: String(tty) });
  for (const word of argv) query.append("command", word);
  return `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query.toString()}`;
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
