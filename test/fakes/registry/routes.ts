import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse, send } from "./answers.ts";
import type { FakeUser } from "./login.ts";
import type { Quirks } from "./quirks.ts";
import { type RegistryStore, sha256 } from "./store.ts";

/** One request with its whole body, from somebody who may come in. */
export interface RouteRequest {
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly user: FakeUser;
}

/**
 * The routes of the distribution specification over a store: cross-repository mounts, chunked and monolithic uploads, manifests refused
 * while what they refer to is missing.
 */
export class Routes {
  private readonly store: RegistryStore;
  private readonly quirks: () => Quirks;

  constructor(store: RegistryStore, quirks: () => Quirks) {
    this.store = store;
    this.quirks = quirks;
  }

  handle(asked: RouteRequest, answer: ServerResponse): ServerResponse {
    const { url, request, user } = asked;
    if (url.pathname === "/v2/")
      return send(answer, 200, "{}", { "content-type": "application/json", "docker-distribution-api-version": "registry/2.0" });
    const [, name = "", kind = "", rest = ""] = /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(url.pathname) ?? [];
    if (name === "") return refuse(answer, 404, "NAME_UNKNOWN", "no such route");
    if (!user.push && request.method !== "GET" && request.method !== "HEAD")
      return refuse(answer, 403, "DENIED", "requested access to the resource is denied");
    if (kind === "manifests") return this.manifest(name, rest, asked, answer);
    if (kind === "blobs") return this.blob(name, rest, answer);
    return rest === "" ? this.startUpload(name, asked, answer) : this.goOn(name, rest, asked, answer);
  }

  private blob(name: string, digest: string, answer: ServerResponse): ServerResponse {
    const content = this.store.blob(name, digest);
    if (content === undefined) return refuse(answer, 404, "BLOB_UNKNOWN", "blob unknown to registry");
    const { downloadsFrom } = this.quirks();
    if (downloadsFrom !== undefined) return send(answer, 307, "", { location: `${downloadsFrom}/v2/${name}/blobs/${digest}` });
    return send(answer, 200, content, { "docker-content-digest": digest, "content-type": "application/octet-stream" });
  }

  private startUpload(name: string, { url, request }: RouteRequest, answer: ServerResponse): ServerResponse {
    if (request.headers["content-length"] === undefined) return refuse(answer, 411, "SIZE_INVALID", "a length is required");
    const { mounts } = this.quirks();
    const mount = url.searchParams.get("mount");
    const from = url.searchParams.get("from");
    if (mount !== null && mounts === "unauthorized") return refuse(answer, 401, "UNAUTHORIZED", "no such project");
    if (mount !== null && from !== null && mounts === true && this.store.mount(name, mount, from))
      return send(answer, 201, "", { location: `/v2/${name}/blobs/${mount}` });
    const { id, state } = this.store.startUpload(name);
    return send(answer, 202, "", { location: this.location(url, name, id, state), range: "0-0" });
  }

  private goOn(name: string, id: string, { url, request, body }: RouteRequest, answer: ServerResponse): ServerResponse {
    const upload = this.store.uploads.get(id);
    if (upload === undefined || upload.repository !== name)
      return refuse(answer, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
    if (url.searchParams.get("_state") !== upload.state)
      return refuse(answer, 400, "BLOB_UPLOAD_INVALID", "the query of the Location was not kept");
    if (request.method === "DELETE") {
      this.store.uploads.delete(id);
      return send(answer, 204);
    }
    if (request.headers["content-length"] === undefined) return refuse(answer, 411, "SIZE_INVALID", "a length is required");
    if (request.method !== "PATCH") return this.finish(name, id, url.searchParams.get("digest") ?? "", body, answer);
    const have = upload.content.length;
    if (request.headers["content-range"] !== `${have}-${have + body.length - 1}`)
      return refuse(answer, 416, "BLOB_UPLOAD_INVALID", "the chunk is out of order");
    upload.content = Buffer.concat([upload.content, body]);
    const headers = { location: this.location(url, name, id, upload.state), range: `0-${have + body.length - 1}` };
    return send(answer, this.quirks().chunkStatus, "", headers);
  }

  private finish(name: string, id: string, digest: string, rest: Buffer, answer: ServerResponse): ServerResponse {
    const content = Buffer.concat([this.store.uploads.get(id)?.content ?? Buffer.alloc(0), rest]);
    this.store.uploads.delete(id);
    if (digest !== sha256(content)) return refuse(answer, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    if (this.store.used + content.length > this.quirks().quota)
      return refuse(answer, 403, "DENIED", "adding the blob would exceed the configured storage quota");
    this.store.keepBlob(name, digest, content);
    return send(answer, 201, "", { location: `/v2/${name}/blobs/${digest}`, "docker-content-digest": digest });
  }

  private manifest(name: string, reference: string, asked: RouteRequest, answer: ServerResponse): ServerResponse {
    if (asked.request.method === "PUT") return this.putManifest(name, reference, asked, answer);
    const { tags, manifests } = this.store.repository(name);
    const digest = tags.get(reference) ?? reference;
    const found = manifests.get(digest);
    if (found === undefined) return refuse(answer, 404, "MANIFEST_UNKNOWN", "manifest unknown");
    const told = this.quirks().digestHeader ? { "docker-content-digest": digest } : {};
    return send(answer, 200, found.content, { "content-type": found.type, ...told });
  }

  private putManifest(name: string, reference: string, { request, body }: RouteRequest, answer: ServerResponse): ServerResponse {
    const { immutableTags, corrupts } = this.quirks();
    const { tags, manifests } = this.store.repository(name);
    const digest = sha256(body);
    if (reference.startsWith("sha256:") && reference !== digest)
      return refuse(answer, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    const missing = this.store.missingChild(name, body);
    if (missing !== undefined) return refuse(answer, 400, "MANIFEST_BLOB_UNKNOWN", `unknown to registry: ${missing}`);
    const tagged = tags.get(reference);
    if (immutableTags !== undefined && tagged !== undefined && tagged !== digest)
      return refuse(answer, immutableTags, "DENIED", "the tag is immutable");
    const content = corrupts ? Buffer.concat([body, Buffer.from(" ")]) : body;
    manifests.set(digest, { type: request.headers["content-type"] ?? "", content });
    if (!reference.startsWith("sha256:")) tags.set(reference, digest);
    return send(answer, 201, "", { "docker-content-digest": digest });
  }

  private location({ origin }: URL, name: string, id: string, state: string): string {
    const path = `/v2/${name}/blobs/uploads/${id}?_state=${encodeURIComponent(state)}`;
    const { location } = this.quirks();
    if (location === "relative") return path;
    if (location === "absolute") return `${origin}${path}`;
    if (location === "behind-tls") return `http://localhost${path}`;
    return `${location.origin}${path}`;
  }
}
