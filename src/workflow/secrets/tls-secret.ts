import type { Answers } from "../../domain/answers/answers.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { Certificates } from "../../ports/certificates.ts";
import type { SecretSources } from "../../ports/secret-sources.ts";

/** Days for which a self-signed certificate is good; what browsers accept at most. */
const validDays = 397;

/** Days before its end from which on it is made anew. */
const renewDays = 30;

const day = 86_400_000;

/** Name in the certificate when the ingress answers to every host. */
const anyHost = "migrate-platform.local";

/**
 * What the ingress' TLS Secret is to hold: the given files, or a self-signed certificate; undefined when the current one is to be kept,
 * which a self-signed one is until it is about to end or is for another host.
 * @throws Problem FILE_UNREADABLE
 */
export async function tlsSecret(
  { ingress }: Answers,
  current: Readonly<Record<string, string>> | undefined,
  { certificates, sources }: { readonly certificates: Certificates; readonly sources: SecretSources },
  now: Date,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (ingress.tls.mode === "files") {
    return {
      "tls.crt": await content(ingress.tls.certFile, "certificate", sources),
      "tls.key": await content(ingress.tls.keyFile, "key", sources),
    };
  }
  const host = ingress.host ?? anyHost;
  const held = certificates.read(current?.["tls.crt"] ?? "");
  const lasts = held !== undefined && held.notAfter.getTime() - now.getTime() > renewDays * day;
  if (lasts && held.names.includes(host) && current?.["tls.key"] !== undefined) return undefined;
  const { certificate, key } = await certificates.selfSigned(host, now, validDays);
  return { "tls.crt": certificate, "tls.key": key };
}

async function content(path: string, what: string, sources: SecretSources): Promise<string> {
  const text = await sources.file(path);
  if (text === undefined) throw new Problem("FILE_UNREADABLE", { what: `the ${what} of the ingress, ${path}, does not exist` });
  return text;
}
