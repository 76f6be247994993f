import { Problem } from "../../domain/errors/problem.ts";
import type { Descriptor } from "../../domain/oci/descriptor.ts";
import type { ByteSource } from "../../ports/bundle-file.ts";
import { noBody } from "./body.ts";
import { type Answer, type RequestBody, readText } from "./exchange.ts";
import { resolveLocation, withDigest } from "./location.ts";
import type { ApiCall, Session } from "./session.ts";

/** First size of chunks when a registry, or a proxy before it, does not take a blob in one request; halved while it is still too much. */
const firstChunk = 16 * 1024 * 1024;
const smallestChunk = 256 * 1024;

/** Uploads blobs: one PUT with a length, or chunks once the registry answered 413. What it learns holds for the rest of the conversation. */
export class BlobUpload {
  private readonly session: Session;
  /** Largest body that is sent; unlimited until a 413. */
  private largestBody = Number.POSITIVE_INFINITY;

  constructor(session: Session) {
    this.session = session;
  }

  /** One try; `sent` gets the bytes that went out so far. Throws Transient for what another try may mend. */
  async send(
    repository: string,
    blob: Descriptor,
    read: (start: number) => ByteSource,
    sent: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const started = await this.start(repository, blob, signal);
      const largest = this.largestBody;
      const answer =
        blob.size <= largest
          ? await this.finish(
              repository,
              blob,
              started.location,
              { size: blob.size, read: () => counted(whole(read, blob), 0, sent) },
              signal,
            )
          : await this.sendChunks(repository, blob, { ...started, step: Math.max(largest, started.smallest) }, read, sent, signal);
      if (answer.status === 201) return void (await readText(answer));
      if (answer.status !== 413 || !this.shrink(Math.min(blob.size, largest)))
        throw await this.session.refused(answer, uploading(repository, blob));
      await readText(answer);
    }
  }

  private async start(
    repository: string,
    blob: Descriptor,
    signal: AbortSignal,
  ): Promise<{ readonly location: URL; readonly smallest: number }> {
    const call: ApiCall = { ...uploading(repository, blob), method: "POST", path: `${repository}/blobs/uploads/`, body: noBody };
    const answer = await this.session.call(call, signal);
    if (answer.status !== 202) throw await this.session.refused(answer, call);
    await readText(answer);
    const smallest = Number(answer.headers["oci-chunk-min-length"] ?? 0);
    return { location: resolveLocation(answer.headers.location, this.session.base), smallest: Number.isFinite(smallest) ? smallest : 0 };
  }

  private finish(repository: string, blob: Descriptor, location: URL, body: RequestBody, signal: AbortSignal): Promise<Answer> {
    return this.session.call(
      { ...uploading(repository, blob), method: "PUT", path: withDigest(location, blob.digest), headers: octets, body },
      signal,
    );
  }

  /** Every chunk starts where the one before ended; the address may change with each. */
  private async sendChunks(
    repository: string,
    blob: Descriptor,
    started: { readonly location: URL; readonly step: number },
    read: (start: number) => ByteSource,
    sent: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { step } = started;
    let { location } = started;
    for (let start = 0; start < blob.size; start += step) {
      const size = Math.min(step, blob.size - start);
      const range = { "content-range": `${start}-${start + size - 1}` };
      const body = { size, read: () => counted(part(read, blob, start, size), start, sent) };
      const answer = await this.session.call(
        { ...uploading(repository, blob), method: "PATCH", path: location, headers: { ...octets, ...range }, body },
        signal,
      );
      if (!chunkTaken.has(answer.status))
        return answer.status === 413 ? answer : Promise.reject(await this.session.refused(answer, uploading(repository, blob)));
      await readText(answer);
      location = resolveLocation(answer.headers.location, location);
    }
    return this.finish(repository, blob, location, noBody, signal);
  }

  /** Makes room after a body of `refused` bytes was too large; false when there is no smaller size left to try. */
  private shrink(refused: number): boolean {
    // Another transfer has learned it in the meantime.
    if (refused > this.largestBody) return true;
    if (refused <= smallestChunk) return false;
    this.largestBody = Math.max(smallestChunk, Math.min(firstChunk, Math.floor(refused / 2)));
    return true;
  }
}

/** 202 says the specification; 201 says ECR; 204 says go-containerregistry's registry. */
const chunkTaken: ReadonlySet<number> = new Set([201, 202, 204]);

const octets = { "content-type": "application/octet-stream" } as const;

function uploading(repository: string, blob: Descriptor): Pick<ApiCall, "scopes" | "doing" | "method" | "path"> {
  return { method: "PUT", path: "", scopes: [`repository:${repository}:pull,push`], doing: `uploading ${blob.digest} to ${repository}` };
}

async function* counted(source: ByteSource, start: number, sent: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let done = start;
  sent(done);
  for await (const chunk of source) {
    yield chunk;
    sent((done += chunk.length));
  }
}

/** The blob from its first byte. @throws Problem BUNDLE_ALTERED when it has more or fewer bytes than its descriptor says */
async function* whole(read: (start: number) => ByteSource, blob: Descriptor): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of read(0)) {
    size += chunk.length;
    if (size > blob.size) throw otherSize(blob, `more than ${blob.size}`);
    yield chunk;
  }
  if (size < blob.size) throw otherSize(blob, `${size}`);
}

/** `size` bytes of the blob from `start` on. @throws Problem BUNDLE_ALTERED when it ends before them */
async function* part(read: (start: number) => ByteSource, blob: Descriptor, start: number, size: number): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of read(start)) {
    yield chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= chunk.length;
    if (left <= 0) return;
  }
  throw otherSize(blob, `${start + size - left}`);
}

/** A fault on this host: told as one of the network it would be tried again and again. */
function otherSize(blob: Descriptor, found: string): Problem {
  return new Problem("BUNDLE_ALTERED", { what: `${blob.digest} has ${found} bytes where the manifest says ${blob.size}` });
}
