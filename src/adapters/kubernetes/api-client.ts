import https from "node:https";
import http from "node:http";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { z } from "zod";
import { ApiStatusError, connectionProblem } from "./api-errors.ts";

/** One request to the API server. `path` starts with /api or /apis; query values are encoded here. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Of the body; `application/apply-patch+yaml` (server-side apply) takes JSON too. */
  readonly contentType?: string;
  readonly signal: AbortSignal;
  /** Milliseconds for the whole answer; 30 s unless told otherwise. */
  readonly deadline?: number;
}

const listSchema = z.object({ items: z.array(z.unknown()).nullish(), metadata: z.object({ continue: z.string().optional(), resourceVersion: z.string().optional() }) });

/** Items asked for in one page of a list. */
const pageSize = 500;

/**
 * The thin HTTP layer under every Kubernetes adapter. The kubeconfig, its exec plugins and certificates are client-node's;
 * requests are plain JSON judged by zod at this door, because client-node's generated models cost 130 MB and 300 ms to load.
 */
export class ApiClient {
  readonly config: KubeConfig;

  constructor(config: KubeConfig) {
    this.config = config;
  }

  /** Address of the API server, for messages. */
  get server(): string {
    return this.config.getCurrentCluster()?.server ?? "";
  }

  /**
   * Sends one request and parses the answer.
   * @throws ApiStatusError for an answer that is not 2xx; Problem CLUSTER_* when there is no usable answer at all
   */
  async request<T>(request: ApiRequest, schema: z.ZodType<T>): Promise<T> {
    const body = await this.text(request);
    return schema.parse(body === "" ? {} : JSON.parse(body));
  }

  /** Sends one request and gives the body as text (pod logs, /version). Throws as {@link request}. */
  async text(request: ApiRequest): Promise<string> {
    const { status, body } = await this.send(request);
    if (status < 200 || status > 299) throw ApiStatusError.of(status, body, `${request.method} ${request.path}`);
    return body;
  }

  /** Lists a collection in pages; items that do not fit the schema are an error of the API server and throw. */
  async *list<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal, query: ApiRequest["query"] = {}): AsyncGenerator<T> {
    let token: string | undefined;
    do {
      const page: z.infer<typeof listSchema> = await this.request({ method: "GET", path, query: { ...query, limit: pageSize, continue: token }, signal }, listSchema);
      for (const item of page.items ?? []) yield schema.parse(item);
      token = page.metadata.continue || undefined;
    } while (token !== undefined);
  }

  /** Like {@link request}, but a 404 gives undefined. */
  async find<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T | undefined> {
    try {
      return await this.request({ method: "GET", path, signal }, schema);
    } catch (error) {
      if (error instanceof ApiStatusError && error.status === 404) return undefined;
      throw error;
    }
  }

  private async send(request: ApiRequest): Promise<{ readonly status: number; readonly body: string }> {
    const url = new URL(this.server.replace(/\/$/, "") + request.path);
    for (const [key, value] of Object.entries(request.query ?? {})) if (value !== undefined) url.searchParams.set(key, String(value));
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(request.deadline ?? 30_000)]);
    const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const options: https.RequestOptions = { method: request.method, headers: headersFor(request, payload), signal };
    try {
      await this.config.applyToHTTPSOptions(options);
      return await exchange(url, options, payload);
    } catch (error) {
      throw request.signal.aborted ? request.signal.reason : connectionProblem(error, this.server);
    }
  }
}

function headersFor(request: ApiRequest, payload: Buffer | undefined): Record<string, string | number> {
  return {
    accept: "application/json",
    "user-agent": "migratectl",
    ...(payload === undefined ? {} : { "content-type": request.contentType ?? "application/json", "content-length": payload.length }),
  };
}

function exchange(url: URL, options: https.RequestOptions, payload: Buffer | undefined): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === "http:" ? http : https).request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        if (!answer.complete) return reject(new Error("the connection ended in the middle of the answer"));
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

