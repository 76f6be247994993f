/** A write that the registry accepted: a blob, a mount or a manifest. */
interface Upload {
  readonly what: string;
}

const line = /"(PUT|POST) \/v2\/(\S+?)\/(blobs\/uploads|manifests)\/(\S*) HTTP\/1\.[01]" (\d{3}) /;

/**
 * Content that a registry of the access log (Apache's combined format) was given more often than once below the prefix, as
 * `repository@digest (3 times)`. Uploads that were cut off are not counted: the registry accepted nothing.
 */
export function givenTwice(accessLog: string, prefix: string): readonly string[] {
  const uploads = accessLog.split("\n").flatMap((text) => uploadOf(text, prefix));
  return [...Map.groupBy(uploads, ({ what }) => what)].flatMap(([what, times]) =>
    times.length === 1 ? [] : [`${what} was pushed ${times.length} times`],
  );
}

/** Accepted uploads below the prefix, so that a check of none can be told from a log that says nothing. */
export function uploadsIn(accessLog: string, prefix: string): number {
  return accessLog.split("\n").flatMap((text) => uploadOf(text, prefix)).length;
}

function uploadOf(text: string, prefix: string): readonly Upload[] {
  const [, method, repository = "", place, rest = "", status] = line.exec(text) ?? [];
  if (!repository.startsWith(`${prefix}/`) || status !== "201") return [];
  if (place === "manifests") return method === "PUT" ? [{ what: `${repository}:${rest}` }] : [];
  const query = new URLSearchParams(rest.slice(rest.indexOf("?") + 1));
  const digest = query.get("digest") ?? query.get("mount");
  return digest === null ? [] : [{ what: `${repository}@${digest}` }];
}
