import type { HttpProbe, ProbeAnswer } from "../../ports/http-probe.ts";
import type { ReachablePod } from "./pod-roster.ts";

/** Milliseconds for one answer of a pod. */
const answerDeadline = 15_000;

/** What a pod is asked. */
export interface PodRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a pod answers through its tunnel; a pod that is not there is told as one that does not answer. */
export async function askPod(
  http: HttpProbe,
  pod: ReachablePod | undefined,
  { path, ...request }: PodRequest,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  if (pod === undefined) return { kind: "failed", what: "no pod is ready" };
  return http.ask({ ...request, url: `http://${pod.name}${path}`, via: pod.tunnel, deadline: answerDeadline }, signal);
}
