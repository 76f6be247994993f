import { createPrivateKey, X509Certificate } from "node:crypto";
import { lookup } from "node:dns/promises";
import { readFile, statfs } from "node:fs/promises";
import { arch, freemem, platform } from "node:os";
import { dirname } from "node:path";
import type { CertificateFact } from "../../domain/facts/host.ts";
import { known, type Reading, unavailable } from "../../domain/reading.ts";
import type { HostFacts } from "../../ports/host-facts.ts";

/** Facts of this machine; `runDirectory` is the folder that runs are kept under (it need not exist yet). */
export function nodeHostFacts(runDirectory: string): HostFacts {
  return {
    async host() {
      return {
        os: platform(),
        architecture: arch(),
        memoryAvailable: await availableMemory(),
        runDirectory: { path: runDirectory, freeBytes: await freeBytes(runDirectory) },
      };
    },
    async resolve(host, signal) {
      signal.throwIfAborted();
      try {
        const found = await lookup(host, { all: true });
        return known([...new Set(found.map(({ address }) => address))].sort());
      } catch (error) {
        return isCode(error, "ENOTFOUND") ? known([]) : unavailable(`${host} could not be resolved: ${messageOf(error)}`);
      }
    },
    async certificate({ certFile, keyFile }, host) {
      try {
        return known(describe(await readFile(certFile, "utf8"), await readFile(keyFile, "utf8"), host));
      } catch (error) {
        return unavailable(`${certFile} with ${keyFile}: ${messageOf(error)}`);
      }
    },
  };
}

function describe(certificatePem: string, keyPem: string, host: string | undefined): CertificateFact {
  const chain = [...certificatePem.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)].map(
    ([pem]) => new X509Certificate(pem),
  );
  const leaf = chain[0];
  if (leaf === undefined) throw new Error("there is no certificate in the file");
  const names = (leaf.subjectAltName ?? "").split(", ").filter((name) => name.startsWith("DNS:") || name.startsWith("IP Address:"));
  return {
    subject: leaf.subject.replaceAll("\n", ", "),
    names: names.map((name) => name.slice(name.indexOf(":") + 1)),
    notBefore: leaf.validFromDate.toISOString(),
    notAfter: leaf.validToDate.toISOString(),
    keyMatches: leaf.checkPrivateKey(createPrivateKey(keyPem)),
    matchesHost: host === undefined || leaf.checkHost(host) !== undefined,
    chainInOrder: chain.every((certificate, index) => {
      const issuer = chain[index + 1];
      return issuer === undefined || certificate.checkIssued(issuer);
    }),
  };
}

/** Free space of the file system that the folder is or will be on. */
async function freeBytes(path: string): Promise<Reading<number>> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return known(bavail * bsize);
    } catch (error) {
      if (!isCode(error, "ENOENT") || folder === dirname(folder)) return unavailable(messageOf(error));
    }
  }
}

/** Linux counts reclaimable caches as available; elsewhere free memory is what can be had. */
async function availableMemory(): Promise<number> {
  const text = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
