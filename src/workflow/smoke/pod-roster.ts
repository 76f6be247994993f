import type { RolloutFacts } from "../../domain/rollout/workload.ts";
import type { ClusterWorkloads, ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { HttpProbe, ProbeAnswer } from "../../ports/http-probe.ts";
import type { Tunnel, Tunnels } from "../../ports/tunnel.ts";
import { askPod, type PodRequest } from "./ask-pod.ts";

/** What a {@link PodRoster} reads and asks through. */
export interface RosterPorts {
  readonly workloads: Pick<ClusterWorkloads, "rollout">;
  readonly tunnels: Tunnels;
  readonly http: HttpProbe;
}

/** A ready pod and the way to it. */
export interface ReachablePod {
  readonly name: string;
  readonly tunnel: Tunnel;
}

/** Ports of the containers, from the image contract. */
const [workerPort, mcpPort, backendPort] = [8002, 8080, 8000];

/** How often another pod is asked in place of one that has gone. */
const replacements = 3;

/**
 * The ready pods of a release while it is tried out. A platform that lives goes on scaling and moving them meanwhile: what a pod does not answer
 * that was taken away says nothing of the release, and another one is asked.
 */
export class PodRoster {
  private readonly ports: RosterPorts;
  private readonly scope: ReleaseScope;
  private facts: RolloutFacts;

  /** `facts` are what was read of the release just now. */
  constructor(ports: RosterPorts, scope: ReleaseScope, facts: RolloutFacts) {
    [this.ports, this.scope, this.facts] = [ports, scope, facts];
  }

  /** The ready pods of a component. */
  ready(component: string): readonly ReachablePod[] {
    const port = component === "worker" ? workerPort : component.startsWith("mcp") ? mcpPort : backendPort;
    const { namespace } = this.scope;
    return this.facts.pods
      .filter((pod) => pod.component === component && pod.ready && !pod.deleting)
      .map(({ name: pod }) => ({ name: pod, tunnel: this.ports.tunnels.to({ namespace, pod, port }) }));
  }

  /** The MCP servers of which a pod is ready. */
  mcpServers(): readonly string[] {
    const servers = this.facts.workloads.map(({ component }) => component).filter((component) => component.startsWith("mcp"));
    return [...new Set(servers)].filter((server) => this.ready(server).length > 0);
  }

  /** What a ready pod of the component answers. @throws the signal's reason; Problem CLUSTER_* when the pods cannot be read again */
  async ask(component: string, request: PodRequest, signal: AbortSignal): Promise<ProbeAnswer> {
    for (let replaced = 0; ; replaced += 1) {
      const [pod] = this.ready(component);
      const answer = await askPod(this.ports.http, pod, request, signal);
      if (answer.kind === "answered" || pod === undefined || replaced === replacements) return answer;
      if (!(await this.hasGone(pod, signal))) return answer;
    }
  }

  /** Reads the pods again: true when this one is not ready any more, or is being deleted. */
  async hasGone({ name }: Pick<ReachablePod, "name">, signal: AbortSignal): Promise<boolean> {
    this.facts = await this.ports.workloads.rollout(this.scope, signal);
    return !this.facts.pods.some((pod) => pod.name === name && pod.ready && !pod.deleting);
  }
}
