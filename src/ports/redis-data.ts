import type { RedisSnapshot } from "../domain/recovery/redis-snapshot.ts";

/**
 * The data of the release's Redis, which is the master's where Sentinels say who that is. Every method may throw Problem CLUSTER_*,
 * EXEC_FAILED, DEADLINE, and the signal's reason; done twice each ends in the same state. Gives the keys that Redis then holds.
 */
export interface RedisData {
  /**
   * Brings Redis to the snapshot that the serving database holds.
   * @throws Problem REDIS_NO_ROOM before anything changed, REDIS_NOT_LOADED, BACKUP_HOST_MISSING
   */
  load(snapshot: RedisSnapshot, signal: AbortSignal): Promise<number>;
  /** Takes everything out of it. @throws Problem REDIS_NOT_LOADED */
  empty(signal: AbortSignal): Promise<number>;
}
