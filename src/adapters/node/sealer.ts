import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { Problem } from "../../domain/errors/problem.ts";
import type { Sealed } from "../../domain/recovery/recovery-kit.ts";
import type { Sealer } from "../../ports/sealer.ts";

const derive = promisify<
  string,
  Buffer,
  number,
  { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number },
  Buffer
>(scrypt);

/** What OWASP's password storage cheat sheet recommends next to 2^17: 2^15 with p 3, which needs 32 MiB. */
const cost = { n: 32_768, r: 8, p: 3 } as const;

/** Bytes of an AES-256 key, of a salt, and of a nonce of GCM (NIST SP 800-38D). */
const [keyBytes, saltBytes, nonceBytes] = [32, 16, 12];

/** Seals with AES-256-GCM under a key that scrypt makes of the given one: a client's key may be a pass phrase. */
export const sealer: Sealer = {
  async seal(text, key) {
    const salt = randomBytes(saltBytes);
    const iv = randomBytes(nonceBytes);
    const derivation = { function: "scrypt", ...cost, salt: salt.toString("base64") } as const;
    const cipher = createCipheriv("aes-256-gcm", await derived(key, derivation), iv);
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return {
      cipher: "aes-256-gcm",
      derivation,
      iv: iv.toString("base64"),
      tag: cipher.getAuthTag().toString("base64"),
      text: sealed.toString("base64"),
    };
  },
  async open({ derivation, iv, tag, text }, key) {
    const decipher = createDecipheriv("aes-256-gcm", await derived(key, derivation), Buffer.from(iv, "base64"), { authTagLength: 16 });
    try {
      decipher.setAuthTag(Buffer.from(tag, "base64"));
      return Buffer.concat([decipher.update(Buffer.from(text, "base64")), decipher.final()]).toString("utf8");
    } catch (cause) {
      throw new Problem("KIT_KEY_WRONG", {
        what: "the answers and secrets that lie with the backups cannot be opened with this key",
        cause,
      });
    }
  },
};

function derived(key: string, { n, r, p, salt }: Sealed["derivation"]): Promise<Buffer> {
  // Node wants a little more than the 128 * N * r bytes that scrypt needs.
  return derive(key, Buffer.from(salt, "base64"), keyBytes, { N: n, r, p, maxmem: 128 * r * (n + p) + 1024 * 1024 });
}
