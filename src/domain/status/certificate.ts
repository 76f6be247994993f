import type { Reading } from "../reading.ts";
import type { CertificateFacts, EntryPoint, PublicCertificate } from "./release-facts.ts";
import type { CertificateStatus } from "./status.ts";

/** Days before its end at which a certificate calls for attention. */
export const certificateWarningDays = 30;

/** Whole days until the certificate ends; negative when it has. */
export function daysLeft(notAfter: Date, at: Date): number {
  return Math.floor((notAfter.getTime() - at.getTime()) / 86_400_000);
}

/** True when one of the names is the host, or a wildcard for its first label. */
export function covers(names: readonly string[], host: string): boolean {
  const wanted = host.toLowerCase();
  return names.some((name) => {
    const given = name.toLowerCase();
    if (given === wanted) return true;
    return given.startsWith("*.") && wanted.includes(".") && wanted.slice(wanted.indexOf(".")) === given.slice(1);
  });
}

/** How the certificate of a way in stands, from what its Secret shows. */
export function certificateStatus(
  entry: EntryPoint,
  secret: Reading<PublicCertificate | undefined> | undefined,
  at: Date,
): CertificateStatus {
  if (!entry.tls) return { kind: "none" };
  if (secret === undefined) return { kind: "unreadable", why: "the ingress names no Secret; its controller's own certificate is served" };
  if (secret.kind === "denied") return { kind: "unknown", why: `the right to ${secret.verb} ${secret.resource} is missing` };
  if (secret.kind === "unavailable") return { kind: "unreadable", why: secret.message };
  if (secret.value === undefined) return { kind: "unreadable", why: `the certificate's Secret ${entry.tlsSecret ?? ""} does not exist` };
  return validity(secret.value.facts, entry.host, at);
}

function validity(facts: CertificateFacts, host: string, at: Date): CertificateStatus {
  const days = daysLeft(facts.notAfter, at);
  const coversHost = host === "" || covers(facts.names, host);
  return {
    kind: "read",
    daysLeft: days,
    notAfter: facts.notAfter,
    names: facts.names,
    issuer: facts.issuer,
    coversHost,
    standing: days < certificateWarningDays || !coversHost ? "attention" : "good",
  };
}
