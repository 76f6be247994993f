import http from "node:http";
import https from "node:https";
import { SocksProxyAgent } from "socks-proxy-agent";
import type { Proxies } from "./proxies.ts";

/** The connections of one conversation, kept open between requests as the options say. */
export interface Agents {
  /** @throws Problem PROXY_INVALID */
  for(url: URL): http.Agent;
  close(): void;
}

/** How connections are made. */
export interface AgentOptions {
  readonly proxies: Proxies;
  readonly options: http.AgentOptions;
  /** Options of TLS, made when the first URL wants it. */
  readonly secure?: () => https.AgentOptions;
}

/**
 * Agents that go through the proxy of each URL: CONNECT for https, the whole URL in the request line for http, SOCKS where the proxy speaks it.
 * Node's own reading of NO_PROXY knows no CIDRs, so each agent is told of its one proxy only.
 */
export function createAgents({ proxies, options, secure }: AgentOptions): Agents {
  const agents = new Map<string, http.Agent>();
  let tls: https.AgentOptions | undefined;
  const make = (protocol: string, proxy: URL | undefined): http.Agent => {
    const all = protocol === "https:" ? { ...options, ...(tls ??= secure?.() ?? {}) } : options;
    if (proxy?.protocol.startsWith("socks")) return new SocksProxyAgent(proxy, all);
    const proxyEnv = proxy === undefined ? {} : { HTTPS_PROXY: proxy.href, HTTP_PROXY: proxy.href };
    return protocol === "https:" ? new https.Agent({ ...all, proxyEnv }) : new http.Agent({ ...all, proxyEnv });
  };
  return {
    for(url) {
      const proxy = proxies(url);
      const key = `${url.protocol} ${proxy?.href ?? ""}`;
      const agent = agents.get(key) ?? make(url.protocol, proxy);
      agents.set(key, agent);
      return agent;
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}
