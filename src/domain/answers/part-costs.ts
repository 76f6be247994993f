import { parseQuantity, toUnits } from "../capacity/quantity.ts";
import type { Profile } from "./answers.ts";
import type { ClaimSizes } from "./claim-sizes.ts";

/** What pods request and claims ask for: CPU in thousandths of a core, memory in MiB, storage in GiB. */
export interface Cost {
  readonly millicores: number;
  readonly mebibytes: number;
  readonly gibibytes: number;
}

/** What a profile requests when nothing is scaled out, with the parts that it has (docs/reference/sizing.md; a test keeps them equal). */
export const profileCost: Readonly<Record<Profile, Cost>> = {
  trial: { millicores: 890, mebibytes: 2240, gibibytes: 110 },
  small: { millicores: 4500, mebibytes: 11_264, gibibytes: 410 },
  standard: { millicores: 8450, mebibytes: 26_432, gibibytes: 630 },
  large: { millicores: 17_600, mebibytes: 56_320, gibibytes: 830 },
};

/** The parts that an answer adds to the profile or takes from it, as the profile has them; pods with their sidecars. */
export interface OptionalParts {
  readonly postgresReplica: { readonly count: 0 | 1 | 2; readonly pod: PodCost };
  /** `pod` of a Redis that stands alone; `guarded` of one of three, with its Sentinel. */
  readonly redis: { readonly sentinel: boolean; readonly pod: PodCost; readonly guarded: PodCost };
  /** Pods at rest and when all of them are busy. */
  readonly agentPool: { readonly enabled: boolean; readonly least: number; readonly most: number; readonly pod: PodCost };
}

type PodCost = Omit<Cost, "gibibytes">;

/** Redis pods with Sentinel. */
const guardedRedis = 3;

const pod = (millicores: number, mebibytes: number): PodCost => ({ millicores, mebibytes });

/** What the chart's profiles request (templates/chart/profiles; tests keep both equal). */
export const optionalParts: Readonly<Record<Profile, OptionalParts>> = {
  trial: {
    postgresReplica: { count: 0, pod: pod(120, 544) },
    redis: { sentinel: false, pod: pod(50, 64), guarded: pod(70, 96) },
    agentPool: { enabled: false, least: 1, most: 1, pod: pod(150, 384) },
  },
  small: {
    postgresReplica: { count: 0, pod: pod(600, 2176) },
    redis: { sentinel: false, pod: pod(100, 256), guarded: pod(150, 320) },
    agentPool: { enabled: false, least: 2, most: 2, pod: pod(500, 2048) },
  },
  standard: {
    postgresReplica: { count: 1, pod: pod(600, 4224) },
    redis: { sentinel: true, pod: pod(100, 256), guarded: pod(150, 320) },
    agentPool: { enabled: true, least: 2, most: 6, pod: pod(500, 2048) },
  },
  large: {
    postgresReplica: { count: 2, pod: pod(2100, 8320) },
    redis: { sentinel: true, pod: pod(100, 256), guarded: pod(150, 320) },
    agentPool: { enabled: true, least: 4, most: 10, pod: pod(500, 2048) },
  },
};

/** What so many read replicas of Postgres cost; each has a claim as large as the primary's. */
export function replicasCost(profile: Profile, count: number, sizes: Pick<ClaimSizes, "postgres">): Cost {
  return pods(optionalParts[profile].postgresReplica.pod, count, gibibytes(sizes.postgres));
}

/** What three Redis with Sentinel cost more than one alone. */
export function sentinelCost(profile: Profile, sizes: Pick<ClaimSizes, "redis">): Cost {
  const { redis } = optionalParts[profile];
  const [guarded, alone] = [pods(redis.guarded, guardedRedis, gibibytes(sizes.redis)), pods(redis.pod, 1, gibibytes(sizes.redis))];
  return {
    millicores: guarded.millicores - alone.millicores,
    mebibytes: guarded.mebibytes - alone.mebibytes,
    gibibytes: guarded.gibibytes - alone.gibibytes,
  };
}

/** What the agent pool costs at rest and when it is scaled out. */
export function agentPoolCost(profile: Profile): { readonly rest: Cost; readonly busy: Cost } {
  const { agentPool } = optionalParts[profile];
  return { rest: pods(agentPool.pod, agentPool.least, 0), busy: pods(agentPool.pod, agentPool.most, 0) };
}

function pods({ millicores, mebibytes }: PodCost, count: number, claimed: number): Cost {
  return { millicores: count * millicores, mebibytes: count * mebibytes, gibibytes: count * claimed };
}

/** A size that the schema has judged, in GiB. */
function gibibytes(size: string): number {
  return toUnits(parseQuantity(size) ?? 0n) / 2 ** 30;
}
