import { Problem } from "../errors/problem.ts";

/** How the configuration says that the repository is encrypted, and what pgBackRest says instead of what is in it. */
interface RepositoryFailure {
  /** `none`, or the cipher. */
  readonly cipher: string;
  readonly message: string;
}

/** Beginning of a file that pgBackRest encrypted. */
const encryptedFile = "Salted__";

/** What pgBackRest says of a file that it should have encrypted and that does not begin so. */
const plainFile = "cipher header invalid";

/** How a file looks that was decrypted with another key: random bytes, or a last block that cannot be. A certificate is a CryptoError, too. */
const gibberish = /unable to load info file[\s\S]*(key\/value found outside of section at line 1|CryptoError)/;

/**
 * Why the repository cannot be read at all. A wrong key looks to pgBackRest like a damaged file, and to its users like a repository
 * without a backup.
 */
export function repositoryFailure({ cipher, message }: RepositoryFailure): Problem {
  const wrongKey = (what: string) => new Problem("REPOSITORY_KEY_WRONG", { what, data: { cipher } });
  if (cipher === "none" && message.includes(encryptedFile))
    return wrongKey("The repository is encrypted, and the installation is set up without a key.");
  if (cipher !== "none" && message.includes(plainFile))
    return wrongKey("The repository is not encrypted, and the installation is set up with a key.");
  if (cipher !== "none" && gibberish.test(message))
    return wrongKey("The cipher key in Secret backup-encryption does not fit the repository.");
  return new Problem("REPOSITORY_UNREADABLE", { what: `pgBackRest cannot read the repository: ${firstLine(message)}` });
}

/** The first line, without what a file that is no text has put into it. */
function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").replace(/[^ -~]/g, "").slice(0, 300);
}
