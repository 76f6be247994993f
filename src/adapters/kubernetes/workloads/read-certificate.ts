import { X509Certificate } from "node:crypto";
import { z } from "zod";
import type { CertificateFacts, PublicCertificate } from "../../../domain/status/release-facts.ts";
import type { ApiClient } from "../api-client.ts";
import { ApiStatusError } from "../api-errors.ts";

// The schema drops tls.key at the door.
const tlsSecretSchema = z.object({ data: z.object({ "tls.crt": z.string(), "ca.crt": z.string().optional() }) });

/** The public part of a TLS Secret, or undefined when there is none of that name. @throws ApiStatusError, also for content that is no certificate */
export async function publicCertificate(
  api: ApiClient,
  namespace: string,
  secret: string,
  signal: AbortSignal,
): Promise<PublicCertificate | undefined> {
  const found = await api.find(`/api/v1/namespaces/${namespace}/secrets/${secret}`, z.object({ data: z.unknown() }), signal);
  if (found === undefined) return undefined;
  const { success, data } = tlsSecretSchema.safeParse(found);
  if (!success) throw new ApiStatusError(422, "Invalid", `Secret ${secret} has no tls.crt`);
  const chainPem = decode(data.data["tls.crt"]);
  const ca = data.data["ca.crt"];
  return { chainPem, ...(ca ? { caPem: decode(ca) } : {}), facts: certificateFacts(chainPem, secret) };
}

function certificateFacts(pem: string, secret: string): CertificateFacts {
  const certificate = parse(pem, secret);
  const names = (certificate.subjectAltName ?? "").split(", ").flatMap((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? []);
  return {
    names,
    issuer: certificate.issuer.split("\n").join(", "),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
    selfSigned: certificate.issuer === certificate.subject,
    fingerprint: certificate.fingerprint256,
  };
}

function parse(pem: string, secret: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new ApiStatusError(422, "Invalid", `tls.crt of Secret ${secret} is no certificate`);
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
