import { X509Certificate } from "node:crypto";
import tls from "node:tls";
import { Problem } from "../../domain/errors/problem.ts";
import type { RegistryTarget } from "../../ports/registry.ts";
import { type Agents, createAgents } from "../node/proxied-agents.ts";
import type { Proxies } from "../node/proxies.ts";

/** More than any bound of parallel transfers; waiting for a free socket would count as silence. */
const mostSockets = 32;

/** Keep-alive agents that trust the system's CAs, those of NODE_EXTRA_CA_CERTS and the target's own. @throws Problem REGISTRY_CA_INVALID */
export function registryAgents(target: RegistryTarget, proxies: Proxies): Agents {
  const own = target.caPem === undefined ? [] : certificates(target.caPem);
  return createAgents({
    proxies,
    options: { keepAlive: true, maxSockets: mostSockets, maxFreeSockets: mostSockets },
    // Made once and not before TLS is spoken: reading all root certificates takes longer than a request.
    secure: () => ({ secureContext: tls.createSecureContext({ ca: [...systemAuthorities(), ...own] }) }),
  });
}

/** Bundled with Node, of the operating system, and of NODE_EXTRA_CA_CERTS; many are in more than one list. */
function systemAuthorities(): ReadonlySet<string> {
  return new Set([...tls.getCACertificates("default"), ...tls.getCACertificates("system")]);
}

function certificates(pem: string): readonly string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw new Problem("REGISTRY_CA_INVALID", { what: "the CA file holds no certificate in PEM form" });
  for (const certificate of found) {
    try {
      new X509Certificate(certificate);
    } catch (cause) {
      throw new Problem("REGISTRY_CA_INVALID", { what: "a certificate in the CA file cannot be read", cause });
    }
  }
  return found;
}
