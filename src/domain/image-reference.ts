import { type Digest, digestSchema } from "./digest.ts";
import { Problem } from "./errors/problem.ts";

/** Where a client's images live: `HOST[:PORT]` and the path put before every repository (no slashes at its ends, may be empty). */
export interface RegistryAddress {
  readonly host: string;
  readonly prefix: string;
}

/** A release image as the client's registry holds it. */
export interface RewrittenImage {
  /** Name inside the registry, with the prefix: what goes into /v2/<repository>/. */
  readonly repository: string;
  /** `host/prefix/repository:tag@digest`, what a pod spec says. */
  readonly reference: string;
}

/** A pod's image reference, taken apart; a reference without a host is docker.io's, as container runtimes read it. */
export interface ImageReference {
  readonly host: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const component = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const hostPattern =
  /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*)(:(?<port>[0-9]{1,5}))?$/;

/** Registries refuse longer repository names (distribution: 255 characters with the host's name left out). */
const longestRepository = 255;

/**
 * Reads `HOST[:PORT][/PREFIX]`.
 * @throws Problem REGISTRY_ADDRESS_INVALID, which never repeats credentials that were put into the address
 */
export function parseRegistryAddress(text: string): RegistryAddress {
  if (text.includes("@"))
    throw invalid(
      "the registry address carries credentials or a digest",
      "Leave out everything up to the @; pass --registry-username and --registry-password-file.",
    );
  const scheme = /^([a-z]+):\/\//i.exec(text);
  if (scheme) {
    const bare = text.slice(scheme[0].length).replace(/\/+$/, "");
    throw invalid(
      `"${text}" starts with ${scheme[0]}`,
      `Write it without: ${bare}${scheme[1]?.toLowerCase() === "http" ? " and pass --plain-http" : ""}`,
    );
  }
  const [host = "", ...path] = text.replace(/\/+$/, "").split("/");
  const match = hostPattern.exec(host);
  if (!match)
    throw invalid(
      `"${text}" does not start with a host name`,
      "Write it as registry.example.com or registry.example.com:5000/team/platform.",
    );
  const port = Number(match.groups?.["port"] ?? 1);
  if (port < 1 || port > 65_535) throw invalid(`"${text}" has no valid port`, "A port is a number from 1 to 65535.");
  if (!namesHost(host)) {
    throw invalid(
      `"${host}" would be read as a path on docker.io by every container runtime`,
      `Use the full name (${host}.example.com) or add the port (${host}:443).`,
    );
  }
  const wrong = path.find((part) => !component.test(part));
  if (wrong !== undefined)
    throw invalid(
      `"${wrong}" in "${text}" cannot be part of a repository's name`,
      "Use lower-case letters and digits, with single . _ or - between them, and no tag.",
    );
  return { host: host.toLowerCase(), prefix: path.join("/") };
}

/** The address as people write it: `HOST[:PORT][/PREFIX]`. */
export function formatRegistryAddress({ host, prefix }: RegistryAddress): string {
  return prefix === "" ? host : `${host}/${prefix}`;
}

/**
 * The one place that maps a release's image to the client's registry. The whole repository path is kept behind the prefix, so that two
 * different repositories never meet (`a/x` and `b/x` stay two).
 * @throws Problem REGISTRY_ADDRESS_INVALID when the prefix makes a name longer than registries take
 */
export function rewriteReference(
  target: RegistryAddress,
  image: { readonly repository: string; readonly tag: string; readonly digest: Digest },
): RewrittenImage {
  const repository = target.prefix === "" ? image.repository : `${target.prefix}/${image.repository}`;
  if (repository.length > longestRepository) {
    throw invalid(`${repository} has ${repository.length} characters; registries take ${longestRepository}`, "Use a shorter prefix.");
  }
  return { repository, reference: `${target.host}/${repository}:${image.tag}@${image.digest}` };
}

/** Reads an image reference as container runtimes do; undefined when it is none. */
export function parseImageReference(text: string): ImageReference | undefined {
  const [name = "", digestText, ...more] = text.split("@");
  const digest = digestText === undefined ? undefined : digestSchema.safeParse(digestText);
  if (more.length > 0 || (digest !== undefined && !digest.success)) return undefined;
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const explicit = first !== "" && namesHost(first) && hostPattern.test(first);
  const [path = "", tag, ...rest] = (explicit ? name.slice(slash + 1) : name).split(":");
  if (rest.length > 0 || (tag !== undefined && !tagPattern.test(tag)) || !path.split("/").every((part) => component.test(part)))
    return undefined;
  return {
    host: explicit ? first : "docker.io",
    repository: explicit || path.includes("/") ? path : `library/${path}`,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest: digest.data }),
  };
}

/** Container runtimes take the first component for a host only when it has a dot or a port, or is localhost. */
function namesHost(first: string): boolean {
  return first.includes(".") || first.includes(":") || first === "localhost";
}

function invalid(what: string, fix: string): Problem {
  return new Problem("REGISTRY_ADDRESS_INVALID", { what, fix });
}
