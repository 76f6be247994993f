import { fail, type Judgement, skipped } from "../../domain/smoke/check.ts";
import {
  type Answered,
  judgeAssessment,
  judgeCache,
  judgeCapabilities,
  judgeDatabase,
  judgeHealth,
  judgeReplicas,
  judgeTenant,
  judgeUnfinished,
  judgeVector,
  judgeVersion,
  readCreated,
  type WantedRelease,
} from "../../domain/smoke/judge-api.ts";
import { counted } from "../../domain/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { HttpProbe, ProbeAnswer } from "../../ports/http-probe.ts";
import type { Tunnel } from "../../ports/tunnel.ts";
import { type CheckPlan, judged } from "./check-runner.ts";

/** Milliseconds for one answer of the API. */
const answerDeadline = 15_000;
/** Milliseconds from POST to completed. */
const assessmentDeadline = 120_000;
const assessmentPause = 500;

/** A ready pod and the way to it. */
export interface ReachablePod {
  readonly name: string;
  readonly tunnel: Tunnel;
}

/** What the checks of the API go through. */
export interface ApiTarget {
  readonly http: HttpProbe;
  readonly clock: Clock;
  readonly backends: readonly ReachablePod[];
  readonly mcpServers: readonly ReachablePod[];
  readonly wanted: WantedRelease;
  readonly replicas: number;
  readonly tenant: string;
  /** Random text that makes the cache key and value of this run its own. */
  readonly nonce: string;
}

/** Every endpoint of the platform's contract, asked of a ready backend pod; without one they are told as such. */
export function apiChecks(target: ApiTarget): readonly CheckPlan[] {
  const { http, backends, wanted, replicas, tenant } = target;
  const [backend] = backends;
  const headers = { "x-tenant-id": tenant };
  const get = (path: string, signal: AbortSignal) => askPod(http, backend, { method: "GET", path, headers }, signal);
  const check = (id: string, title: string, asked: string, run: CheckPlan["run"]): CheckPlan => ({
    id,
    title,
    asked,
    run: backend === undefined ? async () => skipped("no backend pod is ready") : run,
  });
  const database = (id: string, title: string, judge: (answer: Answered) => Judgement) =>
    check(id, title, "GET /api/v1/health/database", async (signal) => judged(await get("/api/v1/health/database", signal), judge));
  return [
    {
      id: "health",
      title: "backend is healthy",
      asked: `GET /health of ${counted(backends.length, "pod")}`,
      run: (signal) => health(target, signal),
    },
    check("version", "version and schema", "GET /api/v1/version", async (signal) =>
      judged(await get("/api/v1/version", signal), (answer) => judgeVersion(answer, wanted)),
    ),
    database("database", "database connected", judgeDatabase),
    database("vector", "pgvector present", judgeVector),
    database("replicas", "replicas stream", (answer) => judgeReplicas(answer, replicas)),
    {
      ...check("cache", "Redis set and get", "POST /api/v1/cache/test, GET /api/v1/cache/{key}", (signal) =>
        cache(target, backend, signal),
      ),
      leaves: "a cache key that expires",
    },
    check("tenant", "tenant configuration", `GET /api/v1/tenant/${tenant}/config`, async (signal) =>
      judged(await get(`/api/v1/tenant/${encodeURIComponent(tenant)}/config`, signal), judgeTenant),
    ),
    {
      ...check("assessment", "assessment from POST to completed", "POST /api/v1/assessments, GET /api/v1/assessments/{id}", (signal) =>
        assessment(target, backend, signal),
      ),
      leaves: "one finished assessment named `smoke test`",
    },
    mcpCheck(target),
  ];
}

async function health({ http, backends }: ApiTarget, signal: AbortSignal): Promise<Judgement> {
  if (backends.length === 0) return fail("no pod", "no backend pod is ready", "See why: migratectl status");
  for (const pod of backends) {
    const judgement = judged(await askPod(http, pod, { method: "GET", path: "/health" }, signal), judgeHealth);
    if (judgement.verdict !== "pass") return { ...judgement, answered: `${pod.name}: ${judgement.answered}` };
  }
  return { verdict: "pass", answered: "200" };
}

async function cache({ http, nonce }: ApiTarget, backend: ReachablePod | undefined, signal: AbortSignal): Promise<Judgement> {
  const [key, value] = [`smoke-${nonce}`, `value-${nonce}`];
  const set = judged(await askPod(http, backend, { method: "POST", path: "/api/v1/cache/test", json: { key, value } }, signal), (answer) =>
    judgeCache(answer, key, value, "set"),
  );
  if (set.verdict !== "pass") return set;
  return judged(await askPod(http, backend, { method: "GET", path: `/api/v1/cache/${key}` }, signal), (answer) =>
    judgeCache(answer, key, value, "get"),
  );
}

async function assessment(
  { http, clock, tenant, nonce }: ApiTarget,
  backend: ReachablePod | undefined,
  signal: AbortSignal,
): Promise<Judgement> {
  const headers = { "x-tenant-id": tenant };
  const started = clock.now().getTime();
  const json = { name: `smoke test ${nonce}`, description: "Java monolith on WebSphere with PL/SQL packages and a nightly batch" };
  const posted = await askPod(http, backend, { method: "POST", path: "/api/v1/assessments", json, headers }, signal);
  if (posted.kind === "failed") return fail("no answer", posted.what);
  const created = readCreated(posted);
  if (!("id" in created)) return created;
  for (;;) {
    const answer = await askPod(
      http,
      backend,
      { method: "GET", path: `/api/v1/assessments/${encodeURIComponent(created.id)}`, headers },
      signal,
    );
    const judgement = answer.kind === "answered" ? judgeAssessment(answer) : fail("no answer", answer.what);
    if (judgement !== undefined) return judgement;
    if (clock.now().getTime() - started >= assessmentDeadline)
      return judgeUnfinished(answer.kind === "answered" ? answer : undefined, assessmentDeadline / 1000);
    await clock.pause(assessmentPause, signal);
  }
}

function mcpCheck({ http, mcpServers }: ApiTarget): CheckPlan {
  return {
    id: "mcp",
    title: "MCP servers tell their tools",
    asked: `GET /capabilities of ${mcpServers.map((pod) => pod.name).join(", ") || "every MCP server"}`,
    async run(signal) {
      if (mcpServers.length === 0) return skipped("no pod of an MCP server is ready");
      const seen: string[] = [];
      for (const pod of mcpServers) {
        const judgement = judged(await askPod(http, pod, { method: "GET", path: "/capabilities" }, signal), judgeCapabilities);
        if (judgement.verdict !== "pass") return { ...judgement, answered: `${pod.name}: ${judgement.answered}` };
        seen.push(judgement.answered);
      }
      return { verdict: "pass", answered: seen.join("; ") };
    },
  };
}

interface PodRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function askPod(
  http: HttpProbe,
  pod: ReachablePod | undefined,
  { path, ...request }: PodRequest,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  if (pod === undefined) return { kind: "failed", what: "no pod is ready" };
  return http.ask({ ...request, url: `http://${pod.name}${path}`, via: pod.tunnel, deadline: answerDeadline }, signal);
}
