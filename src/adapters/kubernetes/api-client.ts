import type https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { z } from "zod";
import { type Agents, createAgents } from "../node/proxied-agents.ts";
import { noProxies, type Proxies, shownProxy } from "../node/proxies.ts";
import { ApiStatusError, connectionProblem, credentialProblem, expiryNote, unreadableAnswer } from "./api-errors.ts";
import { clusterProxies } from "./cluster-proxies.ts";
import { type ApiAnswer, exchange, follow } from "./exchange.ts";
import { retryDelay, type Sent } from "./retry.ts";

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
  /** Milliseconds for the whole answer, repeats included; 30 s unless told otherwise. Getting credentials does not count. */
  readonly deadline?: number;
  /**
   * True: sending it twice does no harm, because it names the version that it replaces or the object that it makes. Such a request is sent
   * again after a broken connection, as those are that HTTP calls idempotent (GET, PUT, DELETE).
   */
  readonly repeatable?: boolean;
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
 * 429 is waited out as Retry-After says, and what broke off is repeated where that does no harm, both within the request's deadline.
 * Requests go through the proxies that kubectl would use.
 */
export class ApiClient {
  readonly config: KubeConfig;
  private readonly proxies: Proxies;
  /** Keeps connections open between requests. */
  private readonly agents: Agents;
  /** Makes a connection of its own for each request: for repeats, since those that are kept may all be dead. */
  private readonly fresh: Agents;

  /** Milliseconds that the API server's clock is ahead of ours, by its last answer. */
  private ahead = 0;

  constructor(config: KubeConfig, proxies: Proxies = noProxies) {
    this.config = config;
    this.proxies = clusterProxies(config, proxies);
    this.agents = createAgents({ proxies: this.proxies, options: { keepAlive: true, maxSockets: 16 } });
    this.fresh = createAgents({ proxies: this.proxies, options: {} });
  }

  /** Address of the API server, for messages. */
  get server(): string {
    return this.config.getCurrentCluster()?.server ?? "";
  }

  /** The API server's time as its last answer told it, in milliseconds, good to a second; this host's before the first answer. */
  now(): number {
    return Date.now() + this.ahead;
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
    const note = answer.status === 401 ? expiryNote(this.config) : "";
    throw ApiStatusError.of(answer, `${request.method} ${request.path}`, note);
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

  /**
   * Opens a request whose answer does not end by itself (a watch) and hands on what comes; resolves at its end. It has a connection of its
   * own, no deadline, and is not repeated. @throws ApiStatusError, Problem CLUSTER_*, the signal's reason
   */
  async stream(request: Omit<ApiRequest, "deadline" | "repeatable">, came: (chunk: Buffer) => void): Promise<void> {
    const { url, payload } = this.addressed(request);
    const options = await this.authorized(request, payload, request.signal);
    try {
      const refused = await follow(url, { ...options, agent: this.fresh.for(url), signal: request.signal }, came);
      if (refused !== undefined) throw ApiStatusError.of({ ...refused, sent: 1 }, `${request.method} ${request.path}`);
    } catch (error) {
      if (error instanceof ApiStatusError) throw error;
      throw request.signal.aborted
        ? request.signal.reason
        : connectionProblem(error, this.config, { proxy: this.proxyOf(url), timedOutAfter: undefined });
    }
  }

  private addressed(request: ApiRequest): { readonly url: URL; readonly payload: Buffer | undefined } {
    const url = new URL(this.server.replace(/\/$/, "") + request.path);
    for (const [key, value] of Object.entries(request.query ?? {})) if (value !== undefined) url.searchParams.set(key, String(value));
    return { url, payload: request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body)) };
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

  private async send(request: ApiRequest): Promise<ApiAnswer & { readonly sent: number }> {
    const { url, payload } = this.addressed(request);
    // Before the deadline begins: a person may have to log in first.
    const options = await this.authorized(request, payload, request.signal);
    const milliseconds = request.deadline ?? 30_000;
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(milliseconds)]);
    try {
      for (let sent = 1; ; sent += 1) {
        const agent = (sent === 1 ? this.agents : this.fresh).for(url);
        const authorized = sent === 1 ? options : await this.authorized(request, payload, signal);
        const outcome = await attempt(url, { ...authorized, agent, signal }, payload);
        const delay = retryDelay(outcome, request, sent);
        if (delay === undefined || signal.aborted) {
          if ("error" in outcome) throw outcome.error;
          const theirs = Date.parse(outcome.headers.date ?? "");
          // The header has whole seconds, cut off.
          if (!Number.isNaN(theirs)) this.ahead = theirs + 500 - Date.now();
          return { ...outcome, sent };
        }
        await pause(delay, signal);
      }
    } catch (error) {
      throw request.signal.aborted
        ? request.signal.reason
        : connectionProblem(error, this.config, { proxy: this.proxyOf(url), timedOutAfter: signal.aborted ? milliseconds : undefined });
    }
  }

  private async authorized(request: ApiRequest, payload: Buffer | undefined, signal: AbortSignal): Promise<https.RequestOptions> {
    const options: https.RequestOptions = { method: request.method, headers: headersFor(request, payload) };
    await abortable(signal, this.config.applyToHTTPSOptions(options)).catch((error: unknown) => {
      throw signal.aborted ? error : credentialProblem(error, this.config);
    });
    return options;
  }

  private proxyOf(url: URL): string | undefined {
    const proxy = this.proxies(url);
    return proxy === undefined ? undefined : shownProxy(proxy);
  }
}

async function attempt(url: URL, options: https.RequestOptions, payload: Buffer | undefined): Promise<Sent> {
  try {
    return await exchange(url, options, payload);
  } catch (error) {
    return { error };
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
