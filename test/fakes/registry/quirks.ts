/** How a registry differs from a plain one; each is a behaviour seen in the field. */
export interface Quirks {
  /** Where uploads go on: `relative` path, `absolute` URL, `behind-tls` (http:// although the client speaks TLS), or another origin. */
  readonly location: "relative" | "absolute" | "behind-tls" | { readonly origin: string };
  /** Requests with a longer body are answered 413 before the body is read. */
  readonly largestBody: number;
  /** False: a mount starts a plain upload (202); "unauthorized": 401, as Harbor does for a project that is missing. */
  readonly mounts: boolean | "unauthorized";
  /** Status of an answer to a chunk: ECR says 201, go-containerregistry's registry 204. */
  readonly chunkStatus: 201 | 202 | 204;
  /** Tags cannot be moved; the status by vendor. */
  readonly immutableTags: 400 | 403 | 409 | 412 | undefined;
  /** False: HEAD of a manifest does not tell its digest. */
  readonly digestHeader: boolean;
  /** Bytes of blobs before 403 with a quota message. */
  readonly quota: number;
  /** A web page answers every request with 200. */
  readonly webPage: boolean;
  /** Stores other bytes than it was sent, and says nothing. */
  readonly corrupts: boolean;
  /** Where downloads of blobs are redirected to. */
  readonly downloadsFrom: string | undefined;
}

/** A registry as the specification describes it. */
export const plainQuirks: Quirks = {
  location: "relative",
  largestBody: Number.POSITIVE_INFINITY,
  mounts: true,
  chunkStatus: 202,
  immutableTags: undefined,
  digestHeader: true,
  quota: Number.POSITIVE_INFINITY,
  webPage: false,
  corrupts: false,
  downloadsFrom: undefined,
};
