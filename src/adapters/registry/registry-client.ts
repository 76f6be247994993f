import { createHash } from "node:crypto";
import { type Digest, digestOfHex, digestSchema } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { Descriptor } from "../../domain/oci/descriptor.ts";
import { largestManifest } from "../../domain/oci/manifest.ts";
import { manifestTypes } from "../../domain/oci/media-type.ts";
import type { ByteSource } from "../../ports/bundle-file.ts";
import type { Registry, RegistryTarget } from "../../ports/registry.ts";
import { BlobUpload } from "./blob-upload.ts";
import { bytesBody, noBody } from "./body.ts";
import { connectionProblem } from "./connection-problem.ts";
import { type Answer, readText } from "./exchange.ts";
import { pingRegistry } from "./ping.ts";
import { brief, withRetries } from "./retry.ts";
import { type ApiCall, Session, type SessionOptions } from "./session.ts";

/** The OCI distribution API over node:http, as one conversation. */
export class RegistryClient implements Registry {
  readonly target: RegistryTarget;
  private readonly session: Session;
  private readonly uploads: BlobUpload;

  /** @throws Problem REGISTRY_CA_INVALID */
  constructor(target: RegistryTarget, options: SessionOptions) {
    this.target = target;
    this.session = new Session(target, options);
    this.uploads = new BlobUpload(this.session);
  }

  async ping(signal: AbortSignal): Promise<void> {
    await withRetries(brief, signal, () => pingRegistry(this.session, signal));
  }

  hasBlob(repository: string, blob: Descriptor, signal: AbortSignal): Promise<boolean> {
    const call: ApiCall = {
      method: "HEAD",
      path: `${repository}/blobs/${blob.digest}`,
      scopes: pushing(repository),
      doing: `looking for ${blob.digest} in ${repository}`,
    };
    return this.session.retrying(signal, async () => {
      const answer = await this.session.call(call, signal);
      await readText(answer);
      if (absent(answer)) return false;
      // A redirect to the store's own address says that it is there; a web page of another length does not.
      if (answer.status === 307 || answer.status === 302) return true;
      if (answer.status !== 200) throw await this.session.refused(answer, call);
      return Number(answer.headers["content-length"]) === blob.size;
    });
  }

  async manifestDigest(repository: string, reference: string, signal: AbortSignal): Promise<Digest | undefined> {
    const call = manifestCall("HEAD", repository, reference);
    const told = await this.session.retrying(signal, async () => {
      const answer = await this.session.call(call, signal);
      await readText(answer);
      if (absent(answer)) return undefined;
      if (answer.status !== 200) throw await this.session.refused(answer, call);
      return digestSchema.safeParse(answer.headers["docker-content-digest"]).data ?? "untold";
    });
    return told === "untold" ? (await this.manifest(repository, reference, signal))?.digest : told;
  }

  manifest(
    repository: string,
    reference: string,
    signal: AbortSignal,
  ): Promise<{ readonly content: Uint8Array; readonly digest: Digest } | undefined> {
    const call = manifestCall("GET", repository, reference);
    return this.session.retrying(signal, async () => {
      const answer = await this.session.call(call, signal);
      if (absent(answer)) return void (await readText(answer));
      if (answer.status !== 200) throw await this.session.refused(answer, call);
      const content = await this.session.read(answer, largestManifest, this.session.base, signal);
      return { content, digest: digestOfHex(createHash("sha256").update(content).digest("hex")) };
    });
  }

  async *blob(repository: string, blob: Descriptor, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const answer = await this.session.retrying(signal, () => this.download(repository, blob, signal));
    try {
      for await (const chunk of answer.message as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      signal.throwIfAborted();
      throw problemOf(connectionProblem(error, this.session.placeOf(this.session.base)));
    }
  }

  mountBlob(repository: string, blob: Descriptor, from: string, signal: AbortSignal): Promise<boolean> {
    const query = `mount=${encodeURIComponent(blob.digest)}&from=${encodeURIComponent(from)}`;
    const scopes = [...pushing(repository), `repository:${from}:pull`];
    const call: ApiCall = {
      method: "POST",
      path: `${repository}/blobs/uploads/?${query}`,
      body: noBody,
      scopes,
      doing: `mounting ${blob.digest} from ${from} in ${repository}`,
    };
    return this.session.retrying(signal, async () => {
      const answer = await this.session.call(call, signal);
      if (answer.status >= 500 || answer.status === 429) throw await this.session.refused(answer, call);
      await readText(answer);
      // Anything but 201 (a new upload, or a refusal to look into the other repository) means that the blob has to be sent.
      return answer.status === 201;
    });
  }

  async pushBlob(
    repository: string,
    blob: Descriptor,
    read: (start: number) => ByteSource,
    sent: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await this.session.retrying(signal, async (attempt) => {
      // The answer may have been lost, not the content.
      if (attempt > 1 && (await this.hasBlob(repository, blob, signal))) return;
      await this.uploads.send(repository, blob, read, sent, signal);
    });
    sent(blob.size);
  }

  async pushManifest(repository: string, reference: string, manifest: Descriptor, content: Uint8Array, signal: AbortSignal): Promise<void> {
    const call: ApiCall = {
      ...manifestCall("PUT", repository, reference),
      headers: { "content-type": manifest.mediaType },
      body: bytesBody(content),
    };
    await this.session.retrying(signal, async () => {
      const answer = await this.session.call(call, signal);
      if (answer.status === 201 || answer.status === 200) {
        await readText(answer);
        const stored = answer.headers["docker-content-digest"];
        if (stored !== undefined && stored !== manifest.digest)
          throw new Problem("REGISTRY_CORRUPTED", {
            what: `${this.target.host} stored ${manifest.digest} of ${repository} as ${String(stored)}`,
          });
        return;
      }
      const error = await this.session.refused(answer, call);
      throw (await this.movedTag(repository, reference, manifest, answer.status, signal)) ?? error;
    });
  }

  close(): void {
    this.session.close();
  }

  /** Registries with immutable tags refuse in four ways; what the tag stands for tells it apart from a lack of rights. */
  private async movedTag(
    repository: string,
    reference: string,
    manifest: Descriptor,
    status: number,
    signal: AbortSignal,
  ): Promise<Problem | undefined> {
    if (reference.startsWith("sha256:") || ![400, 403, 409, 412].includes(status)) return undefined;
    const present = await this.manifestDigest(repository, reference, signal);
    if (present === undefined || present === manifest.digest) return undefined;
    return new Problem("REGISTRY_TAG_IMMUTABLE", {
      what: `${this.target.host}/${repository}:${reference} is ${present} and cannot be moved to ${manifest.digest} (${status})`,
    });
  }

  private async download(repository: string, blob: Descriptor, signal: AbortSignal): Promise<Answer> {
    const call: ApiCall = {
      method: "GET",
      path: `${repository}/blobs/${blob.digest}`,
      scopes: [`repository:${repository}:pull`],
      doing: `downloading ${blob.digest} of ${repository}`,
    };
    let answer = await this.session.call(call, signal);
    let asked = new URL(`${repository}/blobs/${blob.digest}`, this.session.base);
    for (let hops = 0; [301, 302, 303, 307, 308].includes(answer.status) && hops < 5; hops += 1) {
      await readText(answer);
      // A relative address counts from the place that gave it, which after one hop is no longer the registry.
      const url = URL.parse(answer.headers.location ?? "", asked.href);
      if (url === null || (url.protocol === "http:" && !this.target.plainHttp))
        throw new Problem("REGISTRY_LOCATION_REFUSED", { what: `${this.target.host} redirects a download to ${url?.origin ?? "nowhere"}` });
      asked = url;
      answer = await this.session.follow(url, signal);
    }
    if (answer.status === 404)
      throw new Problem("IMAGE_SOURCE_MISSING", { what: `${this.target.host} has no ${blob.digest} in ${repository}` });
    if (answer.status !== 200) throw await this.session.refused(answer, call);
    return answer;
  }
}

function manifestCall(method: "GET" | "HEAD" | "PUT", repository: string, reference: string): ApiCall {
  const doing = method === "PUT" ? `pushing ${repository}:${reference}` : `reading ${repository}:${reference}`;
  return {
    method,
    path: `${repository}/manifests/${reference}`,
    headers: { accept: manifestTypes.join(", ") },
    scopes: method === "GET" ? [`repository:${repository}:pull`] : pushing(repository),
    doing,
  };
}

function pushing(repository: string): readonly string[] {
  return [`repository:${repository}:pull,push`];
}

/** Some registries (Harbor, GitLab, Quay) say that a whole project is missing, which is a kind of "not there". */
function absent(answer: Answer): boolean {
  return answer.status === 404;
}

function problemOf(error: Error): Error {
  return "problem" in error && error.problem instanceof Problem ? error.problem : error;
}
