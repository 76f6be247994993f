/** Where the packages of the images come from, and the moment every file of theirs is dated to. */

/** The Debian architectures that images are made for; the same names as OCI's. */
export const architectures = ["amd64", "arm64"] as const;

/** One of the architectures. */
export type Architecture = (typeof architectures)[number];

/** The architecture of this machine, which is all that a sandbox on it can run. */
export const hostArchitecture: Architecture = process.arch === "arm64" ? "arm64" : "amd64";

/** The only architecture that the images have been run on; those of the others are unpacked in the same way and say that they never ran. */
export const provenArchitecture: Architecture = "amd64";

/** Seconds since 1970 that every file, layer and configuration is dated to, unless SOURCE_DATE_EPOCH says otherwise. */
export const buildEpoch = Number(process.env["SOURCE_DATE_EPOCH"] ?? 1_767_225_600);

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const mirror = process.env["DEBIAN_MIRROR"] ?? "http://deb.debian.org";

/** apt's sources: trixie is the base; bookworm still has Redis 7; only sid has a pgBackRest with the fixes recovery needs. */
export const aptSources = [
  `deb [signed-by=${keyring}] ${mirror}/debian trixie main`,
  `deb [signed-by=${keyring}] ${mirror}/debian-security trixie-security main`,
  `deb [signed-by=${keyring}] ${mirror}/debian bookworm main`,
  // A mirror's copy of sid may be past its date; signature and digests are checked all the same.
  `deb [signed-by=${keyring} check-valid-until=no] ${mirror}/debian sid main`,
].join("\n");

const pin = (packages: string, release: string, priority: number): string =>
  `Package: ${packages}\nPin: release ${release}\nPin-Priority: ${priority}\n`;

/** apt's preferences: from bookworm and sid come the named packages, and of their dependencies only what trixie lacks. */
export const aptPreferences = [
  pin("*", "n=sid", 100),
  pin("*", "n=bookworm", 90),
  pin("pgbackrest", "n=sid", 990),
  pin("redis-server redis-tools", "n=bookworm", 990),
].join("\n");
