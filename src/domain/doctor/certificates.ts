import { assertNever } from "../assert-never.ts";
import { fail, type Judgement, pass, unknown, warn } from "../judgement.ts";
import type { Reading } from "../reading.ts";
import { certificateStatus, certificateWarningDays, daysLeft } from "../status/certificate.ts";
import type { EntryPoint, PublicCertificate } from "../status/release-facts.ts";
import { type DoctorCheck, unread } from "./check.ts";

/** Days before its end at which a certificate fails. */
const lastDays = 7;

const wanted = `certificates good for ${certificateWarningDays} days and for their hosts`;

/** Are the certificates good, and for how long? */
export const certificates: DoctorCheck = {
  id: "certificates",
  title: "Certificates",
  why: "From the day a certificate ends nobody gets in, whatever else is well.",
  assess({ certificates: reading, rollout: { at }, namespace }) {
    if (reading.kind !== "known") return [unread(reading, wanted)];
    const { entries, secrets } = reading.value;
    const byName = new Map(secrets.map(({ name, certificate }) => [name, certificate]));
    const used = new Set(entries.flatMap(({ tlsSecret }) => tlsSecret ?? []));
    const others = secrets.filter(({ name }) => !used.has(name));
    return [
      ...entries.map((entry) => judgeEntry(entry, byName, at, namespace)),
      ...others.flatMap(({ name, certificate }) => judgeSecret(name, certificate, at, namespace)),
    ];
  },
};

function judgeEntry(
  entry: EntryPoint,
  secrets: ReadonlyMap<string, Reading<PublicCertificate | undefined>>,
  at: Date,
  namespace: string,
): Judgement {
  const host = entry.host || `${entry.kind}/${entry.name}`;
  const secret = entry.tlsSecret === undefined ? undefined : secrets.get(entry.tlsSecret);
  const fix = renew(entry.tlsSecret ?? "", namespace);
  const status = certificateStatus(entry, secret, at);
  switch (status.kind) {
    case "none":
      return warn(
        `${host} is served without TLS`,
        wanted,
        `Give it a certificate: migratectl install --namespace ${namespace} --tls self-signed`,
      );
    case "unknown":
      return unknown(`${host}: ${status.why}`, wanted, "Ask the cluster's owner for that right, or whether this is so.");
    case "unreadable":
      return entry.tlsSecret === undefined ? pass(`${host}: ${status.why}`, wanted) : fail(`${host}: ${status.why}`, wanted, fix);
    case "read":
      if (!status.coversHost) return fail(`${host}: the certificate is for ${status.names.join(", ") || "no name"}`, wanted, fix);
      return judgeDays(host, status.daysLeft, fix);
    default:
      return assertNever(status);
  }
}

function judgeSecret(name: string, certificate: Reading<PublicCertificate | undefined>, at: Date, namespace: string): readonly Judgement[] {
  if (certificate.kind === "denied") return [unread(certificate, wanted)];
  if (certificate.kind === "unavailable") return [fail(`Secret/${name}: ${certificate.message}`, wanted, renew(name, namespace))];
  if (certificate.value === undefined) return [];
  return [judgeDays(`Secret/${name}`, daysLeft(certificate.value.facts.notAfter, at), renew(name, namespace))];
}

function judgeDays(of: string, days: number, fix: string): Judgement {
  if (days < 0) return fail(`${of}: the certificate expired ${-days} days ago`, wanted, fix);
  const seen = `${of}: ${days} days left`;
  if (days < lastDays) return fail(seen, wanted, fix);
  return days < certificateWarningDays ? warn(seen, wanted, fix) : pass(seen, wanted);
}

function renew(secret: string, namespace: string): string {
  return `Renew it: migratectl install --namespace ${namespace} with the new files as --tls-cert-file and --tls-key-file; where cert-manager makes it: kubectl -n ${namespace} describe certificate ${secret}`;
}
