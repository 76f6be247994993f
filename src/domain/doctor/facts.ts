import type { QuotaFact } from "../facts/namespace.ts";
import type { RecordedRelease } from "../manifest/recorded-release.ts";
import type { Reading } from "../reading.ts";
import type { DrillRun } from "../recovery/drill.ts";
import type { RedisKeeping } from "../recovery/redis-snapshot.ts";
import type { CauseCard } from "../rollout/cause.ts";
import type { RolloutFacts } from "../rollout/workload.ts";
import type { BackupJob, EntryPoint, HelmFacts, PublicCertificate } from "../status/release-facts.ts";
import type { ArchiveFacts } from "./archive-facts.ts";
import type { Belonging } from "./belonging.ts";
import type { FillHistory } from "./fill-rate.ts";
import type { NodeStats } from "./node-stats.ts";
import type { PutOffMigrations } from "./put-off.ts";
import type { Replication } from "./replication-facts.ts";
import type { UnfinishedRun } from "./unfinished-run.ts";

/** The certificates that a release serves: its ways in, and every TLS Secret of it or named by one of them. */
export interface CertificatesFacts {
  readonly entries: readonly EntryPoint[];
  readonly secrets: readonly { readonly name: string; readonly certificate: Reading<PublicCertificate | undefined> }[];
}

/** A Secret that a release needs, by the names of its keys; values are never read. */
export interface SecretFacts {
  readonly name: string;
  /** Workloads and Jobs whose pods cannot start without it. */
  readonly usedBy: readonly string[];
  /** Keys that it has to have. */
  readonly wanted: readonly string[];
  /** Keys that it has; undefined when there is no such Secret. */
  readonly keys: Reading<readonly string[] | undefined>;
}

/** How full the volume of the data is, as the database's own pod tells. */
export interface DataVolumeUse {
  readonly claim: string;
  readonly used: number;
  readonly free: number;
}

/** Everything that the checks of an installed release judge, read at one moment. What could not be read is a reading of its own. */
export interface DoctorFacts {
  readonly release: string;
  readonly namespace: string;
  /** Workloads and pods, and the moment by which everything is judged. */
  readonly rollout: RolloutFacts;
  /** Why what is not ready is so. */
  readonly causes: readonly CauseCard[];
  readonly helm: Reading<HelmFacts | undefined>;
  /** What Helm says that the release consists of; undefined when it knows no such release. */
  readonly recorded: Reading<RecordedRelease | undefined>;
  readonly unfinished: Reading<UnfinishedRun | undefined>;
  /** What the record tells of migrations that wait; undefined where none does. */
  readonly putOff: Reading<PutOffMigrations | undefined>;
  readonly schedules: Reading<readonly BackupJob[]>;
  readonly certificates: Reading<CertificatesFacts>;
  readonly stats: Reading<NodeStats>;
  /** What earlier looks from this host have seen of the volumes, and this one. */
  readonly fills: FillHistory;
  /** Undefined while the kubelet tells all there is to know. */
  readonly dataVolume: Reading<DataVolumeUse | undefined>;
  readonly archive: Reading<ArchiveFacts>;
  readonly drills: Reading<readonly DrillRun[]>;
  readonly replication: Reading<Replication>;
  /** Undefined where the release's image knows nothing of it. */
  readonly redis: Reading<RedisKeeping | undefined>;
  readonly quotas: Reading<readonly QuotaFact[]>;
  readonly belongings: Reading<readonly Belonging[]>;
  readonly secrets: readonly SecretFacts[];
}
