import type { CertificateFact } from "../src/domain/facts/host.ts";
import type { Check, Judgement } from "./check.ts";
import { fail, pass, unread, warn } from "./judgement.ts";

const day = 86_400_000;
const soon = 30;
const wanted = "a certificate for the host name, with its key and chain, valid for more than 30 days";

/** Is the given certificate for this host name and key, and valid? */
export const tlsCertificate: Check = {
  id: "tls-certificate",
  title: "TLS certificate",
  why: "A certificate that is expired, for another name or without its chain makes browsers and agents refuse the platform.",
  needs: ["certificate", "moment", "discovery"],
  assess({ facts, answers: { ingress } }) {
    if (!ingress.enabled) return [];
    switch (ingress.tls.mode) {
      case "self-signed":
        return [
          warn(
            "a self-signed certificate will be made",
            wanted,
            "For anything but a trial give --tls-cert-file and --tls-key-file, --tls-secret or --tls-issuer.",
          ),
        ];
      case "cert-manager": {
        const served = "the API cert-manager.io is served";
        if (facts.discovery.kind !== "known") return [unread(facts.discovery, served)];
        const found = facts.discovery.value.served.some(({ groupVersion }) => groupVersion.startsWith("cert-manager.io/"));
        return [
          found
            ? pass("it is", served)
            : fail("it is not", served, "Install cert-manager, or give the certificate with --tls-cert-file and --tls-key-file."),
        ];
      }
      case "secret":
        return [];
      case "files":
        if (facts.certificate === undefined) return [];
        if (facts.certificate.kind === "denied") return [unread(facts.certificate, wanted)];
        if (facts.certificate.kind === "unavailable")
          return [fail(facts.certificate.message, wanted, "Give PEM files that can be read: --tls-cert-file FILE --tls-key-file FILE")];
        return judgeCertificate(facts.certificate.value, ingress.host, Date.parse(facts.moment));
    }
  },
};

function judgeCertificate(certificate: CertificateFact, host: string | undefined, now: number): readonly Judgement[] {
  const renew = "Get a new certificate and give it with --tls-cert-file and --tls-key-file.";
  const days = Math.floor((Date.parse(certificate.notAfter) - now) / day);
  const until = certificate.notAfter.slice(0, 10);
  const faults: Judgement[] = [];
  if (!certificate.keyMatches)
    faults.push(fail("the private key belongs to another certificate", wanted, "Give the key that the certificate was requested with."));
  if (!certificate.matchesHost)
    faults.push(
      fail(`it is for ${certificate.names.join(", ") || certificate.subject}, not for ${host ?? "the host name"}`, wanted, renew),
    );
  if (days < 0) faults.push(fail(`it expired on ${until}`, wanted, renew));
  else if (Date.parse(certificate.notBefore) > now)
    faults.push(
      fail(
        `it is valid only from ${certificate.notBefore.slice(0, 10)}`,
        wanted,
        "Wait, check this host's clock, or get another certificate.",
      ),
    );
  else if (days < soon) faults.push(warn(`it expires in ${days} days, on ${until}`, wanted, renew));
  if (!certificate.chainInOrder)
    faults.push(
      warn(
        "the certificates in the file do not sign one another in order",
        wanted,
        "Put the server's certificate first, then each one that signed the one before it.",
      ),
    );
  return faults.length > 0 ? faults : [pass(`${certificate.names.join(", ")}, until ${until}`, wanted)];
}
