import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate with its key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A private CA made for one test. */
export interface TestAuthority {
  /** PEM of its certificate. */
  readonly pem: string;
  /** A server certificate for these names and addresses; `days` of -1 makes one that expired yesterday. */
  issue(names: readonly string[], days?: number): KeyPair;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem"];

/** Makes a private CA with the openssl command. */
export function createAuthority(name: string): TestAuthority {
  const ca = inFolder({}, (folder) => {
    openssl(folder, [
      "req",
      "-x509",
      "-new",
      ...newKey,
      "-days",
      "30",
      "-subj",
      `/CN=${name}`,
      "-addext",
      "keyUsage=critical,keyCertSign",
      "-out",
      "cert.pem",
    ]);
    return keyPair(folder);
  });
  return {
    pem: ca.cert,
    issue: (names, days = 10) => {
      const extensions = `basicConstraints=critical,CA:FALSE\nsubjectAltName=${names.map((value) => `${/^[\d.]+$/.test(value) ? "IP" : "DNS"}:${value}`).join(",")}\n`;
      return inFolder({ "ca.pem": ca.cert, "ca.key": ca.key, extensions }, (folder) => {
        openssl(folder, ["req", "-new", ...newKey, "-subj", `/CN=${names[0] ?? ""}`, "-out", "request.pem"]);
        openssl(folder, [
          "x509",
          "-req",
          "-in",
          "request.pem",
          "-CA",
          "ca.pem",
          "-CAkey",
          "ca.key",
          "-days",
          String(days),
          "-extfile",
          "extensions",
          "-out",
          "cert.pem",
        ]);
        return keyPair(folder);
      });
    },
  };
}

function inFolder<T>(files: Readonly<Record<string, string>>, work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "migratectl-ca-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function keyPair(folder: string): KeyPair {
  return { cert: readFileSync(join(folder, "cert.pem"), "utf8"), key: readFileSync(join(folder, "key.pem"), "utf8") };
}

function openssl(folder: string, command: readonly string[]): void {
  execFileSync("openssl", command, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
}
