import { Problem } from "../../domain/errors/problem.ts";

/**
 * Where an upload goes on, from the Location header of an answer to `base`: relative or absolute, its query kept. A Location over plain
 * HTTP on the same host (a proxy that hides TLS from the registry) is taken over the connection's own TLS, so nothing goes in the clear.
 * @throws Problem REGISTRY_LOCATION_REFUSED for another host, REGISTRY_NOT_A_REGISTRY when there is no usable Location
 */
export function resolveLocation(location: string | undefined, base: URL): URL {
  const url = location === undefined || location === "" ? null : URL.parse(location, base.href);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Problem("REGISTRY_NOT_A_REGISTRY", { what: `${base.host} started an upload without saying where it goes on` });
  }
  const hidesTls = base.protocol === "https:" && url.protocol === "http:";
  if (url.hostname !== base.hostname || (!hidesTls && url.origin !== base.origin)) {
    throw new Problem("REGISTRY_LOCATION_REFUSED", { what: `${base.host} wants the upload sent to ${url.origin}` });
  }
  if (hidesTls) {
    url.protocol = base.protocol;
    url.port = base.port;
  }
  url.username = "";
  url.password = "";
  return url;
}

/** The upload's address with the digest added, which ends the upload; what the query holds already stays as it is, byte for byte. */
export function withDigest(location: URL, digest: string): URL {
  return new URL(`${location.href}${location.href.includes("?") ? "&" : "?"}digest=${encodeURIComponent(digest)}`);
}
