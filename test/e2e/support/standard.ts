import { z } from "zod";
import type { AnswersInput } from "../../../src/domain/answers/answers.ts";
import { attemptInside } from "../../sandbox/index.ts";
import { superuserPsql } from "./database.ts";
import { type E2eSite, kubectl } from "./site.ts";

/**
 * Values that shrink what profile standard requests: at rest it asks for 26 GiB and this machine has less. Requests only: limits, replicas,
 * autoscalers and everything else are the profile's own. Postgres sets itself up by its request.
 */
export const smallerRequests: NonNullable<AnswersInput["values"]> = {
  worker: { resources: { requests: { memory: "512Mi" } } },
  agentPool: { resources: { requests: { memory: "512Mi" } } },
  postgres: { resources: { requests: { memory: "2Gi" } } },
  postgresReplica: { resources: { requests: { memory: "1Gi" } } },
};

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]), phase: z.string() }),
    }),
  ),
});

/** A running release of profile standard, asked as its operator would ask it. */
export class StandardRelease {
  private readonly site: E2eSite;
  private readonly namespace: string;

  constructor(site: E2eSite, namespace: string) {
    this.site = site;
    this.namespace = namespace;
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return kubectl(this.site, "-n", this.namespace, ...args);
  }

  /** Names of the pods that run, by whether they are ready; Jobs' pods that have ended are in neither. */
  async pods(): Promise<{ readonly ready: readonly string[]; readonly others: readonly string[] }> {
    const { items } = podsSchema.parse(JSON.parse(await this.kubectl("get", "pods", "-o", "json")));
    const lasting = items.filter(({ status }) => status.phase !== "Succeeded");
    const isReady = ({ metadata, status }: (typeof items)[number]) =>
      metadata.deletionTimestamp === undefined && status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True");
    const names = (wanted: boolean) => lasting.filter((pod) => isReady(pod) === wanted).map(({ metadata }) => metadata.name);
    return { ready: names(true), others: names(false) };
  }

  /** One value from Postgres, asked by its superuser on the pod's own socket. */
  async sql(pod: string, statement: string): Promise<string> {
    return (await this.kubectl("exec", pod, "-c", "postgres", "--", ...superuserPsql, "-c", statement)).trim();
  }

  /** What a backend pod reads through the Service postgres-read as the application's own role. */
  async readThroughService(statement: string): Promise<string> {
    const program = [
      "import os, pathlib, psycopg2",
      "password = pathlib.Path(os.environ['DB_PASSWORD_FILE']).read_text().strip()",
      "given = dict(host=os.environ['DB_READ_HOST'], dbname=os.environ['DB_NAME'], user=os.environ['DB_USER'], password=password, connect_timeout=5)",
      "cursor = psycopg2.connect(**given).cursor()",
      `cursor.execute(${JSON.stringify(statement)})`,
      "print(cursor.fetchone()[0])",
    ].join("\n");
    return (await this.kubectl("exec", "deployment/backend", "-c", "backend", "--", "python3", "-c", program)).trim();
  }

  /** What Redis or the Sentinel of a pod answers; the password stays in the pod. */
  async redis(pod: string, port: 6379 | 26379, ...command: readonly string[]): Promise<string> {
    const script = '. /usr/local/lib/redis/redis-lib.sh; cli -p "$@"';
    const container = port === 6379 ? "redis" : "sentinel";
    return this.kubectl("exec", pod, "-c", container, "--", "sh", "-c", script, "redis-cli", String(port), ...command);
  }

  /** Name of the pod that the Sentinel of `pod` calls the master. */
  async master(pod: string): Promise<string> {
    const [name = ""] = (await this.redis(pod, 26379, "sentinel", "get-master-addr-by-name", "mymaster")).split("\n");
    return name.split(".")[0] ?? "";
  }

  /** Status and body that the API gives through the ingress. */
  async api(path: string, body?: unknown): Promise<{ readonly status: number; readonly body: string }> {
    const url = `https://${this.site.sandbox.ingress?.host}/api/v1${path}`;
    const post = body === undefined ? [] : ["--json", JSON.stringify(body)];
    const argv = [
      "curl",
      "--silent",
      "--show-error",
      "--insecure",
      "--max-time",
      "15",
      "--write-out",
      "\n%{http_code}",
      ...post,
      url,
    ] as const;
    const { code, stdout, stderr } = await attemptInside(this.site.sandbox, [...argv]);
    if (code !== 0) throw new Error(`curl ${url}: ${stderr}`);
    const end = stdout.lastIndexOf("\n");
    return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
  }

  /** True once a value that is put into the cache comes back out of it. */
  async cacheWorks(key: string, value: string): Promise<boolean> {
    const put = await this.api("/cache/test", { key, value });
    if (put.status !== 200) return false;
    const got = await this.api(`/cache/${key}`);
    return got.status === 200 && got.body === JSON.stringify({ [key]: value });
  }
}
