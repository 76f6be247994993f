import { describe, expect, it } from "vitest";
import { proxiesOf } from "../../../src/adapters/node/proxies.ts";

const proxied = (noProxy: string, url: string) =>
  proxiesOf({ HTTPS_PROXY: "http://proxy.example:3128", HTTP_PROXY: "http://proxy.example:3128", NO_PROXY: noProxy })(new URL(url)) !==
  undefined;

/** What golang.org/x/net/http/httpproxy v0.48.0 answers to the same question. */
const go: readonly (readonly [noProxy: string, url: string, proxied: boolean])[] = [
  ["", "https://registry.example/", true],
  ["*", "https://registry.example/", false],
  ["a,*", "https://registry.example/", false],
  ["registry.example", "https://registry.example/", false],
  ["registry.example", "https://eu.registry.example:5000/", false],
  ["registry.example", "https://myregistry.example/", true],
  [".registry.example", "https://registry.example/", true],
  [".registry.example", "https://eu.registry.example/", false],
  ["*.registry.example", "https://registry.example/", true],
  ["*.registry.example", "https://eu.registry.example/", false],
  ["REGISTRY.example", "https://registry.example/", false],
  ["registry.example:5000", "https://registry.example/", true],
  ["registry.example:5000", "https://registry.example:5000/", false],
  ["registry.example:443", "https://registry.example/", false],
  ["registry.example:443", "http://registry.example/", true],
  ["registry.example:80", "http://registry.example/", false],
  ["registry.example:", "https://registry.example/", false],
  [" a.example , registry.example ", "https://registry.example/", false],
  ["10.0.0.0/8", "https://10.1.2.3:6443/", false],
  ["10.0.0.0/8", "https://11.1.2.3/", true],
  ["10.0.0.0/8", "https://registry.example/", true],
  ["10.0.0.0/33", "https://10.1.2.3/", true],
  ["10.1.2.3", "https://10.1.2.3:6443/", false],
  ["10.1.2.3:6443", "https://10.1.2.3:6443/", false],
  ["10.1.2.3:6443", "https://10.1.2.3/", true],
  ["10.1.2.3", "https://10.1.2.30/", true],
  ["10.1.2", "https://10.1.2.3/", true],
  ["fd00::/8", "https://[fd00::1]/", false],
  ["fd00::/8", "https://[fe80::1]/", true],
  ["fd00::1", "https://[fd00::1]:6443/", false],
  ["[fd00::1]:6443", "https://[fd00::1]:6443/", false],
  ["[fd00::1]:6443", "https://[fd00::1]/", true],
  ["[fd00::1]", "https://[fd00::1]/", true],
  ["::/0", "https://10.1.2.3/", true],
  ["0.0.0.0/0", "https://[fd00::1]/", true],
  ["::ffff:10.1.2.3", "https://10.1.2.3/", false],
  [":443", "https://registry.example/", true],
  ["svc", "https://kubernetes.default.svc/", false],
  ["cluster.local", "https://kubernetes.default.svc.cluster.local/", false],
  ["bücher.example", "https://bücher.example/", false],
  ["xn--bcher-kva.example", "https://bücher.example/", false],
  ["", "https://localhost:5000/", false],
  ["", "https://127.0.0.1:6443/", false],
  ["", "https://127.9.9.9/", false],
  ["", "https://[::1]:6443/", false],
  ["https://registry.example", "https://registry.example/", true],
];

describe("NO_PROXY", () => {
  it.each(go)("%j for %s: through the proxy %s, as Go's programs have it", (noProxy, url, expected) => {
    expect(proxied(noProxy, url)).toBe(expected);
  });
});

describe("the proxies of the environment", () => {
  const secure = new URL("https://registry.example/");
  const plain = new URL("http://registry.example/");

  it("are one for https and one for http", () => {
    const proxies = proxiesOf({ HTTPS_PROXY: "http://a.example:1", HTTP_PROXY: "http://b.example:2" });
    expect([proxies(secure)?.host, proxies(plain)?.host]).toEqual(["a.example:1", "b.example:2"]);
    expect(proxiesOf({ HTTP_PROXY: "http://b.example:2", ALL_PROXY: "http://c.example:3" })(secure)).toBeUndefined();
  });

  it("may be spelled either way; where both are, the upper-case one counts", () => {
    expect(proxiesOf({ https_proxy: "http://a.example:1" })(secure)?.host).toBe("a.example:1");
    expect(proxiesOf({ https_proxy: "http://a.example:1", HTTPS_PROXY: "http://b.example:2" })(secure)?.host).toBe("b.example:2");
    expect(proxiesOf({ https_proxy: "http://a.example:1", HTTPS_PROXY: "", no_proxy: "example" })(secure)).toBeUndefined();
  });

  it("may be named without a scheme, or with that of TLS or SOCKS", () => {
    for (const [text, href] of [
      ["proxy.example:3128", "http://proxy.example:3128/"],
      ["anna:pw@proxy.example:3128", "http://anna:pw@proxy.example:3128/"],
      ["https://proxy.example", "https://proxy.example/"],
      ["socks5://proxy.example:1080", "socks5://proxy.example:1080"],
    ] as const)
      expect(proxiesOf({ HTTPS_PROXY: text })(secure)?.href).toBe(href);
  });

  it.each(["ftp://proxy.example", "http://", "::"])("that are no address are refused: %s", (text) => {
    expect(() => proxiesOf({ HTTPS_PROXY: text })(secure)).toThrow(expect.objectContaining({ code: "PROXY_INVALID" }));
  });
});
