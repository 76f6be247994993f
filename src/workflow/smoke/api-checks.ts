import { fail, type Judgement, skipped } from "../../domain/smoke/check.ts";
import {
  type Answered,
  judgeCache,
  judgeCapabilities,
  judgeDatabase,
  judgeHealth,
  judgeReplicas,
  judgeTenant,
  judgeVector,
  judgeVersion,
  type WantedRelease,
} from "../../domain/smoke/judge-api.ts";
import { counted } from "../../domain/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { HttpProbe } from "../../ports/http-probe.ts";
import { askPod, type ReachablePod } from "./ask-pod.ts";
import { completedAssessment } from "./assessment-check.ts";
import { type CheckPlan, judged } from "./check-runner.ts";

/** What the checks of the API go through. */
export interface ApiTarget {
  readonly http: HttpProbe;
  readonly clock: Clock;
  readonly backends: readonly ReachablePod[];
  readonly mcpServers: readonly ReachablePod[];
  readonly workers: readonly ReachablePod[];
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
        completedAssessment(target, backend, signal),
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
