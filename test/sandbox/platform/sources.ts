/** Where the packages of the images come from, and the moment every file of theirs is dated to. */

/** The Debian architectures that images are made for; the same names as OCI's. */
export const architectures = ["amd64", "arm64"] as const;

/** One of the architectures. */
export type Architecture = (typeof architectures)[number];

/** The architecture of this machine, which is all that a sandbox on it can run. */
export const hostArchitecture: Architecture = process.arch === "arm64" ? "arm64" : "amd64";

/** Where the images of each architecture have been run: `platform.test.ts` runs this machine's, `arm64.test.ts` the programs of arm64. */
export const runOn: Readonly<Record<Architecture, string>> = { amd64: "linux/amd64", arm64: "linux/arm64, emulated" };

/** Seconds since 1970 that every file, layer and configuration is dated to, unless SOURCE_DATE_EPOCH says otherwise. */
export const buildEpoch = Number(process.env["SOURCE_DATE_EPOCH"] ?? 1_767_225_600);

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const mirror = process.env["DEBIAN_MIRROR"] ?? "http://deb.debian.org";

// Only the lists of packages: a machine with a desktop would also read megabytes of pictures and descriptions.
const source = (archive: string, suite: string, ...options: readonly string[]): string =>
  `deb [${[`signed-by=${keyring}`, "target=Packages", ...options].join(" ")}] ${mirror}/${archive} ${suite} main`;

/** apt's sources: trixie is the base; bookworm still has Redis 7; only sid has a pgBackRest with the fixes recovery needs. */
export const aptSources = [
  source("debian", "trixie"),
  source("debian-security", "trixie-security"),
  source("debian", "bookworm"),
  // A mirror's copy of sid may be past its date; signature and digests are checked all the same.
  source("debian", "sid", "check-valid-until=no"),
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
