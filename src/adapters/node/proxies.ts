import { Problem } from "../../domain/errors/problem.ts";
import { parseNoProxy } from "./no-proxy.ts";
import type { Environment } from "./program-environment.ts";

/** Address of the proxy that a URL is asked through; undefined: none. Throws Problem PROXY_INVALID. */
export type Proxies = (url: URL) => URL | undefined;

/** Everything is asked directly. */
export const noProxies: Proxies = () => undefined;

const schemes = new Set(["http:", "https:", "socks5:", "socks5h:"]);

/**
 * The proxies that helm and kubectl use: HTTPS_PROXY, HTTP_PROXY and NO_PROXY as Go's net/http reads them. This host itself is never asked
 * through a proxy. Where both spellings are set, the upper-case one counts.
 */
export function proxiesOf(environment: Environment): Proxies {
  const value = (name: string) => environment[name] || environment[name.toLowerCase()] || "";
  const exempt = parseNoProxy(value("NO_PROXY"));
  return (url) => {
    const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
    if (value(name) === "" || exempt(url)) return undefined;
    return parseProxy(name, value(name));
  };
}

/** Address of a proxy without the password that may stand in it. */
export function shownProxy(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`;
}

/** A proxy may be named without its scheme; the message never repeats what stands before the @. */
function parseProxy(name: string, text: string): URL {
  const url = URL.parse(/^[a-z0-9+.-]+:\/\//i.test(text) ? text : `http://${text}`);
  if (url !== null && url.host !== "" && schemes.has(url.protocol)) return url;
  throw new Problem("PROXY_INVALID", { what: `${name} is ${text.replace(/^.*@/, "…@")}` });
}
