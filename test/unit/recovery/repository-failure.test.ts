import { describe, expect, it } from "vitest";
import { readRepository } from "../../../src/domain/recovery/repository.ts";
import { problemOf } from "../../fakes/problem-of.ts";

/** What pgBackRest 2.60 says of a stanza whose files it cannot read. */
const unreadable = (cipher: string, message: string) => [
  {
    archive: [],
    backup: [],
    cipher,
    db: [],
    name: "main",
    repo: [{ cipher, key: 1, status: { code: 99, message } }],
    status: { code: 99, lock: { backup: { held: false }, restore: { held: false } }, message: "other" },
  },
];
const files =
  "unable to load info file '/var/lib/pgbackrest/backup/main/backup.info' or '/var/lib/pgbackrest/backup/main/backup.info.copy':";
const hints = "HINT: backup.info cannot be opened and is required to perform a backup.\nHINT: has a stanza-create been performed?";
const gibberish = "FormatError: key/value found outside of section at line 1: $\ufffd7\ufffdD\ufffd_{R\ufffd+j{e";

describe("a repository that pgBackRest cannot read", () => {
  it.each([
    ["aes-256-cbc", `[FormatError] ${files}\n${gibberish}\n${gibberish}\n${hints}`, "cipher key in Secret backup-encryption does not fit"],
    ["aes-256-cbc", `[CryptoError] ${files}\nCryptoError: unable to flush\nCryptoError: unable to flush\n${hints}`, "does not fit"],
    [
      "none",
      `[FormatError] ${files}\nFormatError: key/value found outside of section at line 1: Salted__\ufffdHH\n${hints}`,
      "without a key",
    ],
    [
      "aes-256-cbc",
      `[CryptoError] ${files}\nCryptoError: cipher header invalid\nHINT: is or was the repo encrypted?\n${hints}`,
      "is not encrypted",
    ],
  ])("because of its key (%s) is no repository without backups", async (cipher, message, what) => {
    const problem = await problemOf(() => readRepository(unreadable(cipher, message), "main"));
    expect(problem).toMatchObject({ code: "REPOSITORY_KEY_WRONG", exit: "recovery", message: expect.stringContaining(what) });
    expect(JSON.stringify(problem)).not.toContain("\ufffd");
  });

  it.each([
    ["none", `[FormatError] ${files}\nFormatError: key/value found outside of section at line 1: \ufffdx\n${hints}`],
    ["aes-256-cbc", `[ChecksumError] ${files}\nChecksumError: invalid checksum, actual 'a' but expected 'b'`],
    ["aes-256-cbc", "[CryptoError] unable to verify certificate presented by 'store:9443 (10.77.0.2)': [18] self-signed certificate"],
    ["aes-256-cbc", "[ProtocolError] HTTP request failed with 403 (Forbidden)"],
  ])("for another reason is told with it", async (cipher, message) => {
    expect(await problemOf(() => readRepository(unreadable(cipher, message), "main"))).toMatchObject({
      code: "REPOSITORY_UNREADABLE",
      message: `pgBackRest cannot read the repository: ${message.split("\n")[0]}`,
    });
  });
});
