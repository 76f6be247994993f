import { createHash } from "node:crypto";
import { Problem } from "../../src/domain/errors/problem.ts";
import type { Examination } from "../../src/domain/recovery/examination.ts";
import type { RedisKeeping, RedisSnapshot } from "../../src/domain/recovery/redis-snapshot.ts";
import type { BackupType } from "../../src/domain/recovery/repository.ts";
import type { BackupHost, BackupState, DataDirectory, Inspection } from "../../src/ports/backup-host.ts";
import type { DataClaim } from "../../src/ports/data-claim.ts";
import type { RedisData } from "../../src/ports/redis-data.ts";
import type { RestorePod, RestorePodSpec, RestorePods, RestoreState } from "../../src/ports/restore-pods.ts";
import type { Entrance, PartPod, RunningPart, RunningParts, ScheduledPart } from "../../src/ports/running-parts.ts";
import { soundExamination } from "./sound-examination.ts";

/** A directory on the data volume: on which timeline it is, and how many rows it has. */
interface Directory {
  timeline: number;
  rows: number;
  replacedBy?: string;
  restoring?: boolean;
  /** What the snapshot in it holds of Redis. */
  redis?: string;
}

interface Part extends RunningPart {
  replicas: number;
}

/**
 * The database of a release, and what runs beside it, as one world that keeps state: workloads that are scaled, the volume with its
 * directories, pods that restore, the archive. What cannot be in a real cluster throws: two servers on one volume above all.
 */
export class FakeDatabase {
  readonly parts: Part[] = [
    { kind: "Deployment", name: "backend", component: "backend", replicas: 2 },
    { kind: "Deployment", name: "worker", component: "worker", replicas: 3 },
    { kind: "Deployment", name: "agent-pool", component: "agent-pool", replicas: 0 },
    { kind: "Deployment", name: "frontend", component: "frontend", replicas: 1 },
    { kind: "StatefulSet", name: "redis", component: "redis", replicas: 1 },
    { kind: "StatefulSet", name: "postgres-replica", component: "postgres-replica", replicas: 1 },
    { kind: "StatefulSet", name: "postgres", component: "postgres", replicas: 1 },
  ];
  readonly schedules = new Map([
    ["backup-full", false],
    ["retention", false],
    ["by-hand", true],
  ]);
  /** ScaledObjects, and whether they are paused. */
  readonly scalers = new Map([["worker", false]]);
  /** Where the Services lead by which people come in. */
  readonly entrances = new Map<string, Omit<Entrance, "service">>([
    ["frontend", { selector: { app: "frontend" }, targetPort: "http" }],
    ["backend", { selector: { app: "backend" }, targetPort: "http" }],
  ]);
  /** How often somebody else comes back to the database when his connection is ended. */
  strangers = 0;
  readonly directories = new Map<string, Directory>([["17-first", { timeline: 1, rows: 10, redis: "jobs of an hour ago" }]]);
  readonly pods = new Map<
    string,
    { readonly spec: RestorePodSpec; phase: RestorePod["phase"]; state: RestoreState["phase"]; message?: string }
  >();
  readonly backups: BackupType[] = [];
  /** What Redis holds, and what it may not be brought to. */
  redis = "jobs of now";
  redisFailure: "REDIS_NO_ROOM" | "REDIS_NOT_LOADED" | undefined;
  /** Why no snapshot of Redis can be taken. */
  redisUnreachable: string | undefined;
  /** False for images that know nothing of Redis. */
  keepsRedis = true;
  /** Set from the moment other data is current: the agent takes no snapshot until it is told. */
  private redisHeld = false;
  /** Names in the WAL, and what is noted at sets. */
  readonly points: string[] = [];
  readonly annotations: string[] = [];
  current = "17-first";
  /** Rows that the archive brings back at the target. */
  rowsAtTarget = 7;
  redisAtTarget: string | undefined = "jobs of the moment";
  /** Bytes that the volume has room for. */
  free = 1e12;
  /** What is otherwise than usual in the recovered database, and in the one that serves. */
  recovered: Partial<Examination> = {};
  served: Partial<Examination> = {};
  /** What recovery fails with. */
  recoveryFailure: string | undefined;
  /** Backups fail with this message. */
  backupFailure: string | undefined;
  private segment = 3;
  private archivedSegment = 2;
  private timelines = 1;
  private asked = new Map<string, number>();

  /** What runs, as text: equal for equal states of service. */
  get inService(): string {
    const scaled = this.parts.map(({ name, replicas }) => `${name}=${replicas}`).join(" ");
    const doors = [...this.entrances].map(([service, { selector, targetPort }]) => `${service}:${selector["app"]}:${targetPort}`).join(" ");
    return `${scaled} ${doors} suspended=${[...this.schedules, ...this.scalers].filter(([, held]) => held).map(([name]) => name)}`;
  }

  /** Rows that the platform serves. */
  get rows(): number {
    return this.data().rows;
  }

  get timeline(): number {
    return this.data().timeline;
  }

  readonly runningParts: RunningParts = {
    parts: async () => this.parts.map((part) => ({ ...part })),
    schedules: async () => [...this.schedules].map(([name, suspended]): ScheduledPart => ({ name, suspended })),
    pods: async () =>
      this.parts.flatMap(({ name, component, replicas }) =>
        Array.from(
          { length: replicas },
          (_, index): PartPod => ({
            ...{ name: `${name}-${index}`, component, ending: false },
            ready: component !== "postgres" || (this.claimed && this.current !== ""),
          }),
        ),
      ),
    scalers: async () => [...this.scalers].filter(([, paused]) => !paused).map(([name]) => name),
    pauseScaler: async (_namespace, scaler, paused) => void this.scalers.set(scaler, paused),
    scale: async (_namespace, { name }, replicas) => {
      if (name === "worker" && replicas === 0 && this.scalers.get("worker") !== true) throw new Error("KEDA starts the workers again");
      const part = this.parts.find((one) => one.name === name);
      if (part === undefined) throw new Problem("CLUSTER_REFUSED", { what: `no workload ${name}` });
      if (name === "postgres" && replicas > 0) this.demandFreeVolume();
      part.replicas = replicas;
    },
    entrances: async () => [...this.entrances].map(([service, leads]) => ({ service, ...leads })),
    lead: async (_namespace, { service, selector, targetPort }) => void this.entrances.set(service, { selector, targetPort }),
    suspend: async (_namespace, cronJob, suspended) => void this.schedules.set(cronJob, suspended),
  };

  readonly host: BackupHost = {
    ask: async (type, asker) => {
      this.demandPrimary();
      const known = this.asked.get(`${asker} ${type}`);
      if (known !== undefined) return known;
      // The agent takes Redis along, unless it is told that the snapshot is still wanted.
      if (!this.redisHeld) this.data().redis = this.redis;
      this.backups.push(type);
      this.asked.set(`${asker} ${type}`, this.backups.length);
      return this.backups.length;
    },
    state: async (id): Promise<BackupState> => {
      const type = this.backups[id - 1] ?? "full";
      const askedAt = new Date(0);
      if (this.backupFailure !== undefined)
        return { request: { id, type, status: "failed", askedAt, exitCode: 82, message: this.backupFailure } };
      return { request: { id, type, status: "succeeded", askedAt, exitCode: 0, label: `set-${id}` } };
    },
    primary: async () => (await this.host.inspect(new AbortController().signal)).primary,
    inspect: async (): Promise<Inspection> => {
      this.demandPrimary();
      // Archiving takes a moment.
      const archived = this.archivedSegment;
      this.archivedSegment = Math.min(this.segment - 1, archived + 1);
      return {
        info: [],
        archive: {},
        histories: {},
        major: "17",
        primary: {
          systemId: "7",
          timeline: this.timeline,
          version: 170_006,
          inRecovery: false,
          lsn: "0/3000028",
          segmentBytes: 16_777_216,
          now: new Date(0),
          archived: { segment: name(archived), at: undefined, failedSegment: undefined, failedAt: undefined },
        },
      };
    },
    commits: async () => [],
    createPoint: async (name) => {
      this.demandPrimary();
      this.points.push(name);
      return { name, timeline: this.timeline, lsn: "0/3000060", at: new Date("2026-01-02T03:00:00Z") };
    },
    annotate: async (label, annotation) => void this.annotations.push(`${label} ${annotation}`),
    pointsIn: async () => [],
    verify: async () => "",
    examine: async () => {
      this.demandPrimary();
      const replicas = this.parts.find(({ name }) => name === "postgres-replica")?.replicas ?? 0;
      return { ...examined(this.rows), heartbeat: { at: "2026-01-01T00:00:00Z", advances: true }, replicas, ...this.served };
    },
    drills: async () => [],
    volume: async () => ({
      free: this.free,
      directories: [...this.directories].map(
        ([directory, { replacedBy, restoring }]): DataDirectory => ({
          name: directory,
          current: directory === this.current,
          replacedBy,
          unfinished: restoring === true,
          bytes: 1,
        }),
      ),
    }),
    prune: async () => {
      for (const [name, { replacedBy, restoring }] of this.directories)
        if (name !== this.current && (replacedBy !== undefined || restoring === true)) this.directories.delete(name);
    },
    endConnections: async () => {
      this.demandPrimary();
      if (this.parts.some(({ name, replicas }) => name === "backend" && replicas > 0)) throw new Error("the platform is connected");
      if (this.strangers === 0) return [];
      this.strangers -= 1;
      return [{ user: "anna", address: "10.0.0.9", application: "psql" }];
    },
    redis: async () => this.redisKeeping(),
    takeRedis: async () => {
      this.demandPrimary();
      if (this.redisUnreachable === undefined && !this.redisHeld) this.data().redis = this.redis;
      return this.redisKeeping();
    },
    releaseRedis: async () => {
      this.demandPrimary();
      this.redisHeld = false;
    },
    switchWal: async () => {
      this.demandPrimary();
      this.segment += 1;
      return name(this.segment - 1);
    },
  };

  readonly redisData: RedisData = {
    load: async ({ sha256 }) => {
      this.demandQuietRedis();
      if (this.redisFailure !== undefined) throw new Problem(this.redisFailure, { what: "it cannot be loaded" });
      const { redis } = this.data();
      if (redis === undefined || sha256Of(redis) !== sha256) throw new Error("it is not the snapshot that was asked for");
      this.redis = redis;
      return redis.length;
    },
    empty: async () => {
      this.demandQuietRedis();
      this.redis = "";
      return 0;
    },
  };

  /** False when the volume was deleted with its claim; nobody's pod runs then. */
  claimed = true;
  readonly claim: DataClaim = {
    exists: async () => this.claimed,
    create: async () => {
      this.claimed = true;
    },
  };

  readonly restorePods: RestorePods = {
    start: async (spec) => {
      if (this.pods.has(spec.id)) return;
      if (spec.withoutData !== true && !this.claimed) throw new Error("the pod waits for a claim that is not there");
      if (spec.withoutData === true) {
        this.pods.set(spec.id, { spec, phase: "running", state: "starting" });
        return;
      }
      this.demandFreeVolume();
      if (this.parts.some((part) => part.name === "postgres" && part.replicas > 0)) throw new Error("the volume is in use by the primary");
      this.pods.set(spec.id, this.begun(spec));
    },
    find: async (id) => {
      const pod = this.pods.get(id);
      return pod === undefined ? undefined : { name: `postgres-restore-${id}`, phase: pod.phase, message: pod.message };
    },
    state: async (id) => {
      const pod = this.pods.get(id);
      if (pod?.phase !== "running") throw new Problem("EXEC_FAILED", { what: `no pod ${id} runs` });
      const reached = { inRecovery: true, paused: true, lsn: "0/3000100", lastCommit: "2026-01-01T00:00:00Z", timeline: 1 };
      return { phase: pod.state, message: "", reached };
    },
    decide: async (id, decision) => {
      const pod = this.pods.get(id);
      if (pod?.phase !== "running") throw new Problem("EXEC_FAILED", { what: `no pod ${id} runs` });
      if (decision === "discard") this.directories.delete(`17-${id}`);
      else this.promote(id);
      pod.phase = "succeeded";
    },
    examine: async (id) => {
      const directory = this.directories.get(`17-${id}`);
      if (this.pods.get(id)?.phase !== "running" || directory === undefined)
        throw new Problem("EXEC_FAILED", { what: `no pod ${id} runs` });
      return { ...examined(directory.rows), redis: snapshotOf(directory.redis), ...this.recovered };
    },
    query: async () => "",
    remove: async (id) => void this.pods.delete(id),
  };

  /** What the image's entrypoint does, at once. */
  private begun(spec: RestorePodSpec): {
    readonly spec: RestorePodSpec;
    phase: RestorePod["phase"];
    state: RestoreState["phase"];
    message?: string;
  } {
    const [role, id = ""] = spec.args;
    if (role === "undo-restore") {
      const [old] = [...this.directories].find(([, { replacedBy }]) => replacedBy === id) ?? [];
      if (old === undefined && this.current === `17-${id}`) return { spec, phase: "failed", state: "failed", message: "nothing is kept" };
      if (old !== undefined) this.makeCurrent(old, `undo-${id}`);
      return { spec, phase: "succeeded", state: "switched" };
    }
    if (this.current === `17-${id}`) return { spec, phase: "succeeded", state: "switched" };
    if (this.recoveryFailure !== undefined) return { spec, phase: "failed", state: "failed", message: this.recoveryFailure };
    const there = this.directories.get(`17-${id}`);
    this.directories.set(`17-${id}`, there ?? { timeline: 1, rows: this.rowsAtTarget, restoring: true, ...this.redisThen() });
    return { spec, phase: "running", state: "paused" };
  }

  private promote(id: string): void {
    const directory = this.directories.get(`17-${id}`);
    if (directory === undefined) throw new Error(`no directory of ${id}`);
    this.timelines += 1;
    directory.timeline = this.timelines;
    directory.restoring = false;
    this.makeCurrent(`17-${id}`, id);
  }

  private makeCurrent(directory: string, replacedBy: string): void {
    const old = this.directories.get(this.current);
    if (old !== undefined) old.replacedBy = replacedBy;
    delete this.directories.get(directory)?.replacedBy;
    this.current = directory;
    this.redisHeld = true;
  }

  private redisThen(): Pick<Directory, "redis"> {
    return this.redisAtTarget === undefined ? {} : { redis: this.redisAtTarget };
  }

  private redisKeeping(): RedisKeeping | undefined {
    this.demandPrimary();
    if (!this.keepsRedis) return undefined;
    return { enabled: true, kept: this.redisHeld, snapshot: snapshotOf(this.data().redis), failure: this.redisUnreachable };
  }

  private demandQuietRedis(): void {
    if (this.parts.some(({ name, replicas }) => name === "backend" && replicas > 0)) throw new Error("the platform uses Redis");
  }

  private data(): Directory {
    const directory = this.directories.get(this.current);
    if (directory === undefined) throw new Error(`current is ${this.current}, which is not there`);
    return directory;
  }

  private demandPrimary(): void {
    if (!this.claimed || this.current === "" || this.parts.some((part) => part.name === "postgres" && part.replicas === 0))
      throw new Problem("BACKUP_HOST_MISSING", { what: "no pod of Postgres" });
  }

  private demandFreeVolume(): void {
    if ([...this.pods.values()].some(({ phase }) => phase === "running")) throw new Error("a restore holds the volume");
  }
}

function snapshotOf(redis: string | undefined): RedisSnapshot | undefined {
  if (redis === undefined) return undefined;
  return { asOf: "2025-12-31T23:48:00Z", version: "7.0.15", keys: redis.length, bytes: redis.length, sha256: sha256Of(redis) };
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What a sound database with so many assessments holds. */
const examined = (rows: number): Examination => ({
  ...soundExamination,
  tables: [
    { name: "migration.assessment", rows, exact: true },
    { name: "migration.client_account", rows: 1, exact: true },
  ],
});

const name = (segment: number): string => `0000000100000000${segment.toString(16).toUpperCase().padStart(8, "0")}`;
