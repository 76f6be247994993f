import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { AnswerChecks } from "../../ports/answer-checks.ts";
import type { Verdict } from "../../ports/prompter.ts";

/** Judges answers by the files of this host; `now` decides whether a certificate is valid. */
export function fileChecks(now: () => Date): Pick<AnswerChecks, "readable" | "certificate"> {
  return {
    readable: async (path) => (await readText(path)).problem,
    async certificate(certFile, keyFile, host) {
      const [cert, key] = [await readText(certFile), await readText(keyFile)];
      if (cert.problem !== undefined || key.problem !== undefined) return cert.problem ?? key.problem;
      return judge(cert.text, certFile, key.text, keyFile, host, now());
    },
  };
}

function judge(cert: string, certFile: string, key: string, keyFile: string, host: string | undefined, now: Date): Verdict {
  const certificate = attempt(() => new X509Certificate(cert));
  if (certificate === undefined) return `${certFile} holds no certificate in PEM`;
  const privateKey = attempt(() => createPrivateKey(key));
  if (privateKey === undefined) return `${keyFile} holds no private key in PEM that can be used without a passphrase`;
  if (!certificate.checkPrivateKey(privateKey)) return `the key in ${keyFile} does not belong to the certificate in ${certFile}`;
  if (now < certificate.validFromDate)
    return `the certificate in ${certFile} is not valid before ${certificate.validFromDate.toISOString()}`;
  if (now > certificate.validToDate) return `the certificate in ${certFile} has expired on ${certificate.validToDate.toISOString()}`;
  if (host !== undefined && certificate.checkHost(host) === undefined)
    return `the certificate in ${certFile} is not for ${host} but for ${certificate.subjectAltName ?? certificate.subject}`;
  return undefined;
}

async function readText(path: string): Promise<{ readonly text: string; readonly problem?: string }> {
  try {
    return { text: await readFile(path, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const home = path.startsWith("~") ? " (only a shell knows ~: write the whole path)" : "";
    return { text: "", problem: code === "ENOENT" ? `${path} does not exist${home}` : `${path} cannot be read (${String(code)})` };
  }
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
