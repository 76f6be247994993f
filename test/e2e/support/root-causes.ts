import type { SandboxDocument } from "../../sandbox/index.ts";
import { placingTroubles } from "./root-causes-placing.ts";
import { idle, type Manifest, podSpec, workload } from "./root-causes-pods.ts";
import { refusedTroubles } from "./root-causes-refused.ts";
import { runningTroubles } from "./root-causes-running.ts";

/** Trouble that is made in a namespace of its own, and what must be told of it. */
export interface Trouble {
  /** What is wrong, as the object of "the root cause of". */
  readonly title: string;
  /** Its namespace. */
  readonly name: string;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly objects: readonly Manifest[];
  /** Objects that change the workload once it is available. */
  readonly change?: readonly Manifest[];
  readonly kind: string;
  readonly what: RegExp;
  readonly object: RegExp;
  readonly fix: RegExp;
  /** A line of the container's log. */
  readonly line?: string;
}

/** Everything that is provoked at once; what takes longest to show comes last. */
export function troubles(sandbox: SandboxDocument): readonly Trouble[] {
  return [...refusedTroubles, ...runningTroubles, ...placingTroubles(sandbox)];
}

/** Postgres that fits nowhere, and a PgBouncer that is not ready without it. */
export const chainOfTrouble: readonly Manifest[] = [
  workload("StatefulSet", "postgres", podSpec(idle, { resources: { requests: { memory: "900Gi" } } })),
  workload("Deployment", "pgbouncer", podSpec(idle, { readinessProbe: { exec: { command: ["test", "-e", "/ready"] }, periodSeconds: 2 } })),
];
