import type { Reading } from "../reading.ts";
import type { Beside } from "../recovery/drill.ts";
import type { CauseCard } from "../rollout/cause.ts";
import type { ComponentRow } from "../rollout/view.ts";
import type { HelmFacts } from "./release-facts.ts";

/** How one thing of a release stands: `unknown` could not be read. */
type Standing = "good" | "attention" | "unknown";

/** A way in and how its certificate stands. */
export interface EndpointStatus {
  readonly url: string;
  readonly addresses: readonly string[];
  readonly certificate: CertificateStatus;
}

/** The certificate behind a way in. */
export type CertificateStatus =
  | { readonly kind: "none" }
  | {
      readonly kind: "read";
      readonly daysLeft: number;
      readonly notAfter: Date;
      readonly names: readonly string[];
      readonly issuer: string;
      readonly coversHost: boolean;
      readonly standing: Standing;
    }
  /** Something is wrong with it. */
  | { readonly kind: "unreadable"; readonly why: string }
  /** We may not look. */
  | { readonly kind: "unknown"; readonly why: string };

/** One CronJob of backups and when it last succeeded. */
export interface BackupStatus {
  readonly name: string;
  readonly schedule: string;
  readonly lastSuccessful?: Date;
  readonly ageSeconds?: number;
  readonly standing: Standing;
  readonly note: string;
}

/** Who did the last thing to the release, when. */
export interface LastAction {
  readonly workflow: string;
  readonly by: string;
  readonly finishedAt: string;
  readonly outcome: string;
}

/** The one word for a release. */
export type Summary = "ready" | "progressing" | "degraded" | "down";

/** How a release stands at one moment. */
export interface ReleaseStatus {
  readonly at: Date;
  readonly release: string;
  readonly namespace: string;
  readonly version: string;
  readonly helm: Reading<HelmFacts | undefined>;
  readonly summary: Summary;
  /** True when somebody should look: exit status 5. */
  readonly needsAttention: boolean;
  readonly components: readonly ComponentRow[];
  readonly causes: readonly CauseCard[];
  readonly endpoints: Reading<readonly EndpointStatus[]>;
  readonly backups: Reading<readonly BackupStatus[]>;
  /** The last restore drill, and a preview where there is one. */
  readonly beside: Reading<Beside>;
  readonly last?: LastAction;
  /** Everything besides the components that calls for somebody, one sentence each. */
  readonly concerns: readonly string[];
}
