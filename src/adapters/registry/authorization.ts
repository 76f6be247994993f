import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { RegistryTarget } from "../../ports/registry.ts";
import { parseJson } from "../parse-json.ts";
import { type Challenge, parseChallenge } from "./challenge.ts";
import { Transient } from "./retry.ts";

const tokenSchema = z.object({
  token: z.string().min(1).optional(),
  access_token: z.string().min(1).optional(),
  expires_in: z.number().positive().default(60),
});

/** A question to the token server; with a form it is a POST. */
export interface TokenAsk {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly form?: URLSearchParams;
}

/** Asks the token server; the conversation's own connections and trust are used. */
export type TokenRequest = (ask: TokenAsk, signal: AbortSignal) => Promise<{ readonly status: number; readonly text: string }>;

/** A token is fetched anew when this part of its life is over. */
const usableShare = 0.8;

/** Knows how the registry wants to be authorized, and keeps the tokens. Nothing is sent to it before it has asked. */
export class Authorization {
  private readonly target: RegistryTarget;
  private readonly request: TokenRequest;
  private challenge: Challenge | undefined;
  private readonly tokens = new Map<string, { readonly value: Promise<{ readonly token: string; readonly until: number }> }>();

  constructor(target: RegistryTarget, request: TokenRequest) {
    this.target = target;
    this.request = request;
  }

  /** Value of the Authorization header for these scopes; undefined as long as the registry asked for none. */
  async header(scopes: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    if (this.challenge === undefined) return undefined;
    if (this.challenge.scheme === "basic") return this.basic();
    return `Bearer ${await this.token(this.challenge, scopes, signal)}`;
  }

  /**
   * Takes note of a 401. True when the same request is worth sending again with a new {@link header}.
   * @throws Problem REGISTRY_UNAUTHORIZED when there are no credentials to answer with
   */
  challenged(wwwAuthenticate: string | undefined, sent: string | undefined, scopes: readonly string[]): boolean {
    const challenge = parseChallenge(wwwAuthenticate);
    if (challenge === undefined) return false;
    this.challenge = challenge;
    if (challenge.scheme === "bearer") {
      this.tokens.delete(scopes.join(" "));
      return true;
    }
    if (this.target.credentials === undefined)
      throw new Problem("REGISTRY_UNAUTHORIZED", { what: `${this.target.host} asks for a user name and password, and none was given` });
    return sent === undefined;
  }

  private basic(): string | undefined {
    const { credentials } = this.target;
    return credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
  }

  /** One request per scope at a time: parallel transfers share the token, and the wait for it. */
  private async token(challenge: Challenge & { scheme: "bearer" }, scopes: readonly string[], signal: AbortSignal): Promise<string> {
    const key = scopes.join(" ");
    const known = this.tokens.get(key);
    if (known !== undefined) {
      const { token, until } = await known.value;
      if (Date.now() < until) return token;
    }
    const current = this.tokens.get(key);
    if (current !== undefined && current !== known) return (await current.value).token;
    const value = this.fetchToken(challenge, scopes, signal);
    const entry = { value };
    this.tokens.set(key, entry);
    // A failed request is asked again next time.
    value.catch(() => this.tokens.get(key) === entry && this.tokens.delete(key));
    return (await value).token;
  }

  private async fetchToken(
    challenge: Challenge & { scheme: "bearer" },
    scopes: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly token: string; readonly until: number }> {
    const ask = this.tokenAsk(challenge, scopes);
    const { url } = ask;
    const known = ask.form !== undefined || ask.headers["authorization"] !== undefined;
    const started = Date.now();
    const { status, text } = await this.request(ask, signal);
    if (status === 401 || status === 403) {
      throw new Problem("REGISTRY_UNAUTHORIZED", {
        what: known
          ? `${url.host} refused the credentials for ${this.target.host} (${status})`
          : `${url.host} gives no token for ${this.target.host} without a user name and password`,
      });
    }
    const parsed = tokenSchema.safeParse(parseJson(text));
    const token = parsed.success ? (parsed.data.token ?? parsed.data.access_token) : undefined;
    if (status >= 500 || status === 429)
      throw new Transient(new Problem("REGISTRY_UNAVAILABLE", { what: `the token server ${url.host} answered ${status}` }));
    if (status !== 200 || !parsed.success || token === undefined)
      throw new Problem("REGISTRY_NOT_A_REGISTRY", { what: `the token server ${url.host} answered ${status}, but with no token` });
    return { token, until: started + parsed.data.expires_in * 1000 * usableShare };
  }

  /** With a password the question is a GET; an identity token is exchanged as OAuth 2 has it, in a form that no log of a proxy shows. */
  private tokenAsk(challenge: Challenge & { scheme: "bearer" }, scopes: readonly string[]): TokenAsk {
    const url = this.realm(challenge);
    const wanted = scopes.length > 0 || challenge.scope === undefined ? scopes : [challenge.scope];
    const { identityToken } = this.target;
    if (identityToken !== undefined) {
      const form = new URLSearchParams({ grant_type: "refresh_token", client_id: "migratectl", refresh_token: identityToken });
      if (challenge.service !== undefined) form.set("service", challenge.service);
      if (wanted.length > 0) form.set("scope", wanted.join(" "));
      return { url, headers: { "content-type": "application/x-www-form-urlencoded" }, form };
    }
    if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
    for (const scope of wanted) url.searchParams.append("scope", scope);
    const basic = this.basic();
    return { url, headers: basic === undefined ? {} : { authorization: basic } };
  }

  private realm(challenge: Challenge & { scheme: "bearer" }): URL {
    const url = URL.parse(challenge.realm);
    if (url === null || !/^https?:$/.test(url.protocol))
      throw new Problem("REGISTRY_NOT_A_REGISTRY", {
        what: `${this.target.host} names a token server that is no address: ${challenge.realm}`,
      });
    if (url.protocol === "http:" && !this.target.plainHttp) {
      throw new Problem("REGISTRY_LOCATION_REFUSED", { what: `${this.target.host} wants the password sent to ${url.origin} in the clear` });
    }
    return url;
  }
}
