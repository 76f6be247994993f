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
import { askPod } from "./ask-pod.ts";
import { completedAssessment } from "./assessment-check.ts";
import { type CheckPlan, judged } from "./check-runner.ts";
import type { PodRoster } from "./pod-roster.ts";

/** What the checks of the API go through. */
export interface ApiTarget {
  readonly http: HttpProbe;
  readonly clock: Clock;
  readonly roster: PodRoster;
  readonly wanted: WantedRelease;
  readonly replicas: number;
  readonly tenant: string;
  /** Random text that makes the cache key and value of this run its own. */
  readonly nonce: string;
}

/** Every endpoint of the platform's contract, asked of a ready backend pod; where there is none they are told as such. */
export function apiChecks(target: ApiTarget): readonly CheckPlan[] {
  const { roster, wanted, replicas, tenant } = target;
  const backends = roster.ready("backend").length;
  const headers = { "x-tenant-id": tenant };
  const get = (path: string, signal: AbortSignal) => roster.ask("backend", { method: "GET", path, headers }, signal);
  const check = (id: string, title: string, asked: string, run: CheckPlan["run"]): CheckPlan => ({
    id,
    title,
    asked,
    run: backends === 0 ? async () => skipped("no backend pod is ready") : run,
  });
  const database = (id: string, title: string, judge: (answer: Answered) => Judgement) =>
    check(id, title, "GET /api/v1/health/database", async (signal) => judged(await get("/api/v1/health/database", signal), judge));
  return [
    {
      id: "health",
      title: "backend is healthy",
      asked: `GET /health of ${counted(backends, "pod")}`,
      run: (signal) => health(target, signal),
    },
    check("version", "version and schema", "GET /api/v1/version", async (signal) =>
      judged(await get("/api/v1/version", signal), (answer) => judgeVersion(answer, wanted)),
    ),
    database("database", "database connected", judgeDatabase),
    database("vector", "pgvector present", judgeVector),
    database("replicas", "replicas stream", (answer) => judgeReplicas(answer, replicas)),
    {
      ...check("cache", "Redis set and get", "POST /api/v1/cache/test, GET /api/v1/cache/{key}", (signal) => cache(target, signal)),
      leaves: "a cache key that expires",
    },
    check("tenant", "tenant configuration", `GET /api/v1/tenant/${tenant}/config`, async (signal) =>
      judged(await get(`/api/v1/tenant/${encodeURIComponent(tenant)}/config`, signal), judgeTenant),
    ),
    {
      ...check("assessment", "assessment from POST to completed", "POST /api/v1/assessments, GET /api/v1/assessments/{id}", (signal) =>
        completedAssessment(target, signal),
      ),
      leaves: "one finished assessment named `smoke test`",
    },
    mcpCheck(target),
  ];
}

async function health({ http, roster }: ApiTarget, signal: AbortSignal): Promise<Judgement> {
  let healthy = 0;
  for (const pod of roster.ready("backend")) {
    const answer = await askPod(http, pod, { method: "GET", path: "/health" }, signal);
    const judgement = judged(answer, judgeHealth);
    if (judgement.verdict === "pass") healthy += 1;
    else if (answer.kind === "answered" || !(await roster.hasGone(pod, signal)))
      return { ...judgement, answered: `${pod.name}: ${judgement.answered}` };
  }
  return healthy === 0 ? fail("no pod", "no backend pod is ready", "See why: migratectl status") : { verdict: "pass", answered: "200" };
}

async function cache({ roster, nonce }: ApiTarget, signal: AbortSignal): Promise<Judgement> {
  const [key, value] = [`smoke-${nonce}`, `value-${nonce}`];
  const set = judged(await roster.ask("backend", { method: "POST", path: "/api/v1/cache/test", json: { key, value } }, signal), (answer) =>
    judgeCache(answer, key, value, "set"),
  );
  if (set.verdict !== "pass") return set;
  return judged(await roster.ask("backend", { method: "GET", path: `/api/v1/cache/${key}` }, signal), (answer) =>
    judgeCache(answer, key, value, "get"),
  );
}

function mcpCheck({ roster }: ApiTarget): CheckPlan {
  const servers = roster.mcpServers();
  const pods = servers.map((server) => roster.ready(server)[0]?.name ?? server);
  return {
    id: "mcp",
    title: "MCP servers tell their tools",
    asked: `GET /capabilities of ${pods.join(", ") || "every MCP server"}`,
    async run(signal) {
      if (servers.length === 0) return skipped("no pod of an MCP server is ready");
      const seen: string[] = [];
      for (const server of servers) {
        const judgement = judged(await roster.ask(server, { method: "GET", path: "/capabilities" }, signal), judgeCapabilities);
        if (judgement.verdict !== "pass") return { ...judgement, answered: `${server}: ${judgement.answered}` };
        seen.push(judgement.answered);
      }
      return { verdict: "pass", answered: seen.join("; ") };
    },
  };
}
