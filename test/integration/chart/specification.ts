/** A range of pods, from rest to scaled out. */
type Replicas = readonly [least: number, most: number];

/** One row of the platform's specification: what a component is, whatever the profile. */
export interface ComponentRow {
  readonly name: string;
  readonly kind: "Deployment" | "StatefulSet";
  /** The container that does the work. */
  readonly container: string;
  readonly image: string;
  /** User and group; the platform's own components have one, each of the others its own. */
  readonly user: number;
  /** What it runs, when the image has several roles. */
  readonly runs?: readonly string[];
  /** CPU and memory in profiles small, standard and large; absent: the profile decides within `between`. */
  readonly resources?: readonly [cpu: string, memory: string, cpuLimit: string, memoryLimit: string];
  readonly ports: Readonly<Record<string, number>>;
  /** HTTP paths, or the command of an exec probe, or the port of a TCP probe. */
  readonly probes: { readonly start: string; readonly live: string; readonly ready: string };
  /** Seconds. */
  readonly grace: number;
  /** Pods in profile small, standard and large. */
  readonly replicas: { readonly small: Replicas; readonly standard: Replicas; readonly large: Replicas };
  /** Per cent of the request that an autoscaler aims at. */
  readonly scaledBy?: { readonly cpu: number; readonly memory?: number };
  /** What its PodDisruptionBudget says where there are two pods or more. */
  readonly budget: { readonly minAvailable: 1 } | { readonly maxUnavailable: 1 };
}

const health = { start: "/health", live: "/health", ready: "/health" } as const;
const postgresReady = "pg_isready -h /var/run/postgresql -q";
const two: Replicas = [2, 2];
const fixed = { small: two, standard: two, large: two } as const;

/** The rows of the specification's table of components that are long-lived workloads. */
export const componentRows: readonly ComponentRow[] = [
  {
    name: "frontend",
    kind: "Deployment",
    container: "frontend",
    image: "migrate-platform/frontend",
    user: 10001,
    resources: ["50m", "64Mi", "200m", "256Mi"],
    ports: { http: 8080, maintenance: 8081 },
    probes: { start: "/health", live: "/health", ready: "/ready" },
    grace: 30,
    replicas: { small: [2, 3], standard: [2, 3], large: [3, 3] },
    scaledBy: { cpu: 70 },
    budget: { maxUnavailable: 1 },
  },
  {
    name: "backend",
    kind: "Deployment",
    container: "backend",
    image: "migrate-platform/backend",
    user: 10001,
    runs: ["python3", "-m", "app.server"],
    resources: ["500m", "1Gi", "1", "2Gi"],
    ports: { http: 8000 },
    probes: { start: "/health", live: "/health", ready: "/health/ready" },
    grace: 30,
    replicas: { small: [2, 3], standard: [2, 5], large: [3, 5] },
    scaledBy: { cpu: 70, memory: 80 },
    budget: { minAvailable: 1 },
  },
  {
    name: "worker",
    kind: "Deployment",
    container: "worker",
    image: "migrate-platform/backend",
    user: 10001,
    runs: ["python3", "-m", "app.workers.crewai_worker"],
    resources: ["1", "2Gi", "2", "8Gi"],
    ports: { http: 8002 },
    probes: health,
    grace: 300,
    replicas: { small: [1, 2], standard: [2, 6], large: [4, 10] },
    scaledBy: { cpu: 70 },
    budget: { maxUnavailable: 1 },
  },
  {
    name: "agent-pool",
    kind: "Deployment",
    container: "agent-pool",
    image: "migrate-platform/backend",
    user: 10001,
    runs: ["python3", "-m", "app.workers.crewai_worker"],
    resources: ["500m", "2Gi", "2", "8Gi"],
    ports: { http: 8002 },
    probes: health,
    grace: 300,
    replicas: { small: [2, 2], standard: [2, 6], large: [4, 10] },
    scaledBy: { cpu: 70, memory: 80 },
    budget: { maxUnavailable: 1 },
  },
  {
    name: "state-manager",
    kind: "Deployment",
    container: "state-manager",
    image: "migrate-platform/backend",
    user: 10001,
    runs: ["python3", "-m", "app.services.crewai_flows.state_manager"],
    resources: ["100m", "256Mi", "500m", "1Gi"],
    ports: { http: 8001 },
    probes: health,
    grace: 30,
    replicas: fixed,
    budget: { maxUnavailable: 1 },
  },
  {
    name: "mcp-assessment-tools",
    kind: "Deployment",
    container: "mcp-server",
    image: "migrate-platform/mcp-assessment-tools",
    user: 10001,
    resources: ["200m", "512Mi", "500m", "1Gi"],
    ports: { "mcp-protocol": 8080 },
    probes: health,
    grace: 30,
    replicas: fixed,
    budget: { maxUnavailable: 1 },
  },
  {
    name: "postgres",
    kind: "StatefulSet",
    container: "postgres",
    image: "migrate-platform/postgres",
    user: 10002,
    runs: ["primary"],
    ports: { postgres: 5432 },
    probes: { start: postgresReady, live: postgresReady, ready: postgresReady },
    grace: 120,
    replicas: { small: [1, 1], standard: [1, 1], large: [1, 1] },
    budget: { maxUnavailable: 1 },
  },
  {
    name: "postgres-replica",
    kind: "StatefulSet",
    container: "postgres",
    image: "migrate-platform/postgres",
    user: 10002,
    runs: ["replica"],
    ports: { postgres: 5432 },
    probes: { start: postgresReady, live: postgresReady, ready: postgresReady },
    grace: 120,
    replicas: { small: [0, 0], standard: [1, 1], large: [2, 2] },
    budget: { maxUnavailable: 1 },
  },
  {
    name: "pgbouncer",
    kind: "Deployment",
    container: "pgbouncer",
    image: "migrate-platform/pgbouncer",
    user: 10004,
    resources: ["200m", "256Mi", "500m", "512Mi"],
    ports: { postgres: 5432 },
    probes: { start: "postgres", live: "postgres", ready: "postgres" },
    grace: 60,
    replicas: fixed,
    budget: { maxUnavailable: 1 },
  },
  {
    name: "redis",
    kind: "StatefulSet",
    container: "redis",
    image: "migrate-platform/redis",
    user: 10003,
    runs: ["server"],
    resources: ["100m", "256Mi", "500m", "1Gi"],
    ports: { redis: 6379 },
    probes: { start: "redis-health server", live: "redis-health server", ready: "redis-health ready" },
    grace: 60,
    replicas: { small: [1, 1], standard: [3, 3], large: [3, 3] },
    budget: { maxUnavailable: 1 },
  },
];
