import https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { z } from "zod";
import { ApiStatusError, connectionProblem, credentialProblem, expiryNote, unreadableAnswer } from "./api-errors.ts";
import { type ApiAnswer, exchange } from "./exchange.ts";
import { retryDelay } from "./retry.ts";

/** One request to the API server. `path` starts with /api or /apis; query values are encoded here. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Of the body; `application/apply-patch+yaml` (server-side apply) takes JSON too. */
  readonly contentType?: string;
  /** Media types wanted; JSON unless told otherwise. */
  readonly accept?: string;
  readonly signal: AbortSignal;
  /** Milliseconds for the whole answer, repeats included; 30 s unless told otherwise. */
  readonly deadline?: number;
}

const listSchema = z.object({
  items: z.array(z.unknown()).nullish(),
  metadata: z.object({ continue: z.string().optional(), resourceVersion: z.string().optional() }),
});

/** Items asked for in one page of a list. */
const pageSize = 500;

/**
 * The thin HTTP layer under every Kubernetes adapter. The kubeconfig, its exec plugins and certificates are client-node's;
 * requests are plain JSON judged by zod at this door, because client-node's generated models cost 130 MB and 300 ms to load.
 * 429 is waited out as Retry-After says, and reads that broke off are repeated, both within the request's deadline.
 */
export class ApiClient {
  readonly config: KubeConfig;
  /** Keeps connections open between requests; a proxy of the kubeconfig brings an agent of its own. */
  private readonly agent = new https.Agent({ keepAlive: true, maxSockets: 16 });

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
    return this.parse(body === "" ? {} : this.json(body, request), schema, request.path);
  }

  /** Sends one request and gives the body as text (pod logs, /version). Throws as {@link request}. */
  async text(request: ApiRequest): Promise<string> {
    return (await this.answer(request)).body;
  }

  /** Sends one request and gives the body with its headers. Throws as {@link request}. */
  async answer(request: ApiRequest): Promise<ApiAnswer> {
    const answer = await this.send(request);
    if (answer.status >= 200 && answer.status <= 299) return answer;
    throw ApiStatusError.of(
      answer.status,
      answer.body,
      `${request.method} ${request.path}`,
      answer.status === 401 ? expiryNote(this.config) : "",
    );
  }

  /** Lists a collection in pages; items that do not fit the schema throw Problem CLUSTER_NOT_KUBERNETES. */
  async *list<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal, query: ApiRequest["query"] = {}): AsyncGenerator<T> {
    let token: string | undefined;
    do {
      const page: z.infer<typeof listSchema> = await this.request(
        { method: "GET", path, query: { ...query, limit: pageSize, continue: token }, signal },
        listSchema,
      );
      for (const item of page.items ?? []) yield this.parse(item, schema, path);
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

  private json(body: string, request: ApiRequest): unknown {
    try {
      return JSON.parse(body);
    } catch (cause) {
      throw unreadableAnswer(this.server, request.path, body, cause);
    }
  }

  private parse<T>(value: unknown, schema: z.ZodType<T>, path: string): T {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw unreadableAnswer(this.server, path, z.prettifyError(parsed.error), parsed.error);
  }

  private async send(request: ApiRequest): Promise<ApiAnswer> {
    const url = new URL(this.server.replace(/\/$/, "") + request.path);
    for (const [key, value] of Object.entries(request.query ?? {})) if (value !== undefined) url.searchParams.set(key, String(value));
    const milliseconds = request.deadline ?? 30_000;
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(milliseconds)]);
    const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    try {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await this.attempt(url, request, payload, signal);
        const delay = retryDelay(outcome, request.method, attempt);
        if (delay === undefined || signal.aborted) {
          if ("error" in outcome) throw outcome.error;
          return outcome;
        }
        await pause(delay, signal);
      }
    } catch (error) {
      throw request.signal.aborted
        ? request.signal.reason
        : connectionProblem(error, this.config, { timedOutAfter: signal.aborted ? milliseconds : undefined });
    }
  }

  private async attempt(
    url: URL,
    request: ApiRequest,
    payload: Buffer | undefined,
    signal: AbortSignal,
  ): Promise<ApiAnswer | { readonly error: unknown }> {
    const options: https.RequestOptions = { method: request.method, headers: headersFor(request, payload), signal };
    await abortable(signal, this.config.applyToHTTPSOptions(options)).catch((error: unknown) => {
      throw signal.aborted ? error : credentialProblem(error, this.config);
    });
    if (url.protocol === "https:" && this.config.getCurrentCluster()?.proxyUrl === undefined) options.agent = this.agent;
    try {
      return await exchange(url, options, payload);
    } catch (error) {
      return { error };
    }
  }
}

function headersFor(request: ApiRequest, payload: Buffer | undefined): Record<string, string | number> {
  return {
    accept: request.accept ?? "application/json",
    "user-agent": "migratectl",
    ...(payload === undefined ? {} : { "content-type": request.contentType ?? "application/json", "content-length": payload.length }),
  };
}

/** Waiting for `work` ends when the signal aborts: a credential plugin may hang and knows no signal. */
function abortable<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return abortable(signal, new Promise((resolve) => setTimeout(resolve, milliseconds)));
}
