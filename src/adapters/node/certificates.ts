import { generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto";
import type { Certificates, KeyPair } from "../../ports/certificates.ts";
import { bits, der, integer, octets, oid, sequence, setOf, time, utf8, yes } from "./der.ts";

const day = 86_400_000;

const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"));

/** Certificates made and read with Node's own cryptography. */
export const certificates: Certificates = { selfSigned, read };

/** RFC 5280, P-256 and SHA-256: the few fields that a server certificate needs. */
async function selfSigned(host: string, from: Date, days: number): Promise<KeyPair> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(setOf(sequence(oid("2.5.4.3"), utf8(host.slice(0, 64)))));
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serial()),
    ecdsaWithSha256,
    name,
    sequence(time(new Date(from.getTime() - day)), time(new Date(from.getTime() + days * day))),
    name,
    publicKey.export({ format: "der", type: "spki" }),
    der(0xa3, sequence(...extensions(host))),
  );
  const certificate = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, privateKey)));
  return { certificate: pem("CERTIFICATE", certificate), key: String(privateKey.export({ format: "pem", type: "pkcs8" })) };
}

function extensions(host: string): readonly Buffer[] {
  const dnsName = 0x82;
  return [
    sequence(oid("2.5.29.17"), octets(sequence(der(dnsName, Buffer.from(host, "ascii"))))),
    sequence(oid("2.5.29.19"), yes, octets(sequence())),
    sequence(oid("2.5.29.15"), yes, octets(bits(Buffer.from([0x80]), 7))),
    sequence(oid("2.5.29.37"), octets(sequence(oid("1.3.6.1.5.5.7.3.1")))),
  ];
}

/** 120 random bits; the first byte is neither zero nor negative, so that the encoding is the shortest. */
function serial(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes;
}

function pem(label: string, content: Buffer): string {
  return `-----BEGIN ${label}-----\n${content
    .toString("base64")
    .replaceAll(/(.{64})/g, "$1\n")
    .trimEnd()}\n-----END ${label}-----\n`;
}

function read(text: string): ReturnType<Certificates["read"]> {
  try {
    const certificate = new X509Certificate(text);
    const names = (certificate.subjectAltName ?? "")
      .split(", ")
      .flatMap((name) => (name.startsWith("DNS:") ? [name.slice("DNS:".length)] : []));
    return { notAfter: certificate.validToDate, names };
  } catch {
    return undefined;
  }
}
