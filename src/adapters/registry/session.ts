import { Problem } from "../../domain/errors/problem.ts";
import type { RegistryTarget } from "../../ports/registry.ts";
import type { Agents } from "../node/proxied-agents.ts";
import { type Proxies, shownProxy } from "../node/proxies.ts";
import { registryAgents } from "./agents.ts";
import { Authorization } from "./authorization.ts";
import { bytesBody } from "./body.ts";
import { connectionProblem } from "./connection-problem.ts";
import { type Answer, exchange, type Outgoing, type RequestBody, readAll, readText, type TimeLimits } from "./exchange.ts";
import { refusal } from "./refusal.ts";
import { type RetryPolicy, withRetries } from "./retry.ts";

/** A request in the words of the distribution API. */
export interface ApiCall {
  readonly method: Outgoing["method"];
  /** Below /v2/, or a whole URL that {@link resolveLocation} let through. */
  readonly path: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Token scopes that it needs: `repository:NAME:pull,push`. */
  readonly scopes: readonly string[];
  /** Completes "while …" in errors. */
  readonly doing: string;
}

/** Bytes of a token server's answer at most; tokens of large clouds have a few thousand. */
const longestToken = 256 * 1024;

/** What a session's owner decides: how long it waits, and through which proxies it asks. */
export interface SessionOptions {
  readonly policy: RetryPolicy;
  readonly limits: TimeLimits;
  readonly proxies: Proxies;
}

/** Connections, credentials and tokens of one conversation with one registry; turns calls into authorized requests. */
export class Session {
  readonly target: RegistryTarget;
  readonly base: URL;
  private readonly options: SessionOptions;
  private readonly agents: Agents;
  private readonly authorization: Authorization;

  /** @throws Problem REGISTRY_CA_INVALID */
  constructor(target: RegistryTarget, options: SessionOptions) {
    this.target = target;
    this.base = new URL(`${target.plainHttp ? "http" : "https"}://${target.host}/v2/`);
    this.options = options;
    this.agents = registryAgents(target, options.proxies);
    this.authorization = new Authorization(target, async ({ url, headers, form }, signal) => {
      const body = form === undefined ? undefined : bytesBody(Buffer.from(form.toString()));
      const method = form === undefined ? "GET" : "POST";
      const answer = await this.exchange({ method, url, headers, body, agent: this.agents.for(url), signal, limits: this.options.limits });
      return { status: answer.status, text: (await this.read(answer, longestToken, url, signal)).toString("utf8") };
    });
  }

  /** Content of an answer that matters whole. Throws Transient when it breaks off, Problem REGISTRY_NOT_A_REGISTRY when it is longer than `limit` bytes. */
  async read(answer: Answer, limit: number, from: URL, signal: AbortSignal): Promise<Buffer> {
    try {
      return await readAll(answer, limit);
    } catch (error) {
      signal.throwIfAborted();
      throw connectionProblem(error, this.placeOf(from));
    }
  }

  /** True when no proxy stands before the registry. */
  get isDirect(): boolean {
    return this.options.proxies(this.base) === undefined;
  }

  /** `HOST[:PORT]`, and the proxy that stands before it: what is told in errors of the connection. */
  placeOf(url: URL): string {
    const proxy = this.options.proxies(url);
    return proxy === undefined ? url.host : `${url.host} (through the proxy ${shownProxy(proxy)})`;
  }

  /** Tries `attempt` again for what passes by itself, by the session's policy. */
  retrying<T>(signal: AbortSignal, attempt: (number: number) => Promise<T>): Promise<T> {
    return withRetries(this.options.policy, signal, attempt);
  }

  /** One call, authorized; a 401 is answered once with new credentials. Throws Problem or Transient when there is no answer at all. */
  async call(call: ApiCall, signal: AbortSignal): Promise<Answer> {
    const sent = await this.authorization.header(call.scopes, signal);
    const answer = await this.request(call, sent, signal);
    if (answer.status !== 401 || !this.authorization.challenged(answer.headers["www-authenticate"], sent, call.scopes)) return answer;
    await readText(answer);
    return this.request(call, await this.authorization.header(call.scopes, signal), signal);
  }

  /** The error that an unexpected answer means. */
  async refused(answer: Answer, call: ApiCall): Promise<Error> {
    const text = await readText(answer);
    const error = refusal({
      status: answer.status,
      text,
      retryAfter: answer.headers["retry-after"],
      doing: call.doing,
      host: this.target.host,
    });
    const { credentials } = this.target;
    const denied =
      error instanceof Problem &&
      error.code === "REGISTRY_UNAUTHORIZED" &&
      /insufficient_scope/.test(answer.headers["www-authenticate"] ?? "");
    return denied && credentials !== undefined
      ? new Problem("REGISTRY_DENIED", { what: `${this.target.host} gives ${credentials.username} no right for ${call.doing}` })
      : error;
  }

  /** A GET of another place without credentials: what a registry redirects downloads to. */
  follow(url: URL, signal: AbortSignal): Promise<Answer> {
    return this.exchange({ method: "GET", url, headers: {}, agent: this.agents.for(url), signal, limits: this.options.limits });
  }

  close(): void {
    this.agents.close();
  }

  private request({ method, path, headers, body }: ApiCall, authorization: string | undefined, signal: AbortSignal): Promise<Answer> {
    const url = path instanceof URL ? path : new URL(path, this.base);
    const all = { ...headers, ...(authorization === undefined ? {} : { authorization }) };
    return this.exchange({ method, url, headers: all, body, agent: this.agents.for(url), signal, limits: this.options.limits });
  }

  private async exchange(outgoing: Outgoing): Promise<Answer> {
    try {
      return await exchange(outgoing);
    } catch (error) {
      outgoing.signal.throwIfAborted();
      throw connectionProblem(error, this.placeOf(outgoing.url));
    }
  }
}
