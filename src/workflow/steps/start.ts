import type { Answers } from "../../domain/answers/answers.ts";
import type { Actor } from "../../domain/plan/record.ts";
import type { Release } from "../../domain/release/release.ts";
import type { Rendered } from "../render.ts";

/** What is known of the release's place before the first write; every workflow's start has it. */
export interface PlaceStart {
  /** Name of the Helm release. */
  readonly name: string;
  readonly namespace: string;
  /** Identity of the cluster that the facts were read from. */
  readonly clusterUid: string;
}

/** What is known before the first write of an installation. */
export interface InstallStart extends PlaceStart {
  readonly answers: Answers;
  readonly release: Release;
  readonly rendered: Rendered;
  readonly bundle: BundleStart | undefined;
  readonly by: Actor;
  readonly skippedChecks: readonly { readonly check: string; readonly reason: string }[];
}

/** The bundle to push from. */
export interface BundleStart {
  readonly path: string;
  readonly digest: string;
  /** Bytes of all blobs. */
  readonly bytes: number;
}
