import type { RedisChoice } from "../../../src/domain/recovery/redis-snapshot.ts";
import { pruneRestores } from "../../../src/workflow/backup/prune-restores.ts";
import { type RestorePorts, restore } from "../../../src/workflow/restore/restore.ts";
import type { RecoveryTarget } from "../../../src/workflow/restore/restore-start.ts";
import { undoRestore } from "../../../src/workflow/restore/undo-restore.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { FakeDatabase } from "../../fakes/fake-database.ts";
import { FakeOperator } from "../../fakes/fake-operator.ts";
import { FakeScratch } from "../../fakes/fake-scratch.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { MemoryRunStore } from "../../fakes/memory-run-store.ts";
import { clusterVerbs, Power } from "../../fakes/power.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";

export const target: RecoveryTarget = { set: "20260101-000000F", timeline: 1, type: "time", value: "2026-01-02 03:00:00.000000+00" };

/** What one call of the program is given. */
export interface Call {
  readonly power?: Power;
  readonly target?: RecoveryTarget;
  readonly targetGiven?: boolean;
  readonly dryRun?: boolean;
  readonly redis?: RedisChoice;
  readonly skips?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A release whose database is restored; every call is a new process. */
export class Rig {
  readonly clock = new HeldClock();
  readonly objects = new FakeClusterObjects(this.clock);
  readonly operator = new FakeOperator();
  readonly database = new FakeDatabase();
  readonly beside = new FakeScratch();
  readonly runs: MemoryRunStore[] = [];
  readonly reached: string[] = [];
  /** Helm's record of what is installed. */
  manifest = JSON.stringify({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data-postgres-0" } });
  smokes = 0;
  smokeFailure: unknown;
  refusesReached: unknown;
  private ids = 0;

  static async installed(): Promise<Rig> {
    const rig = new Rig();
    await rig.objects.createNamespace("shop", {});
    return rig;
  }

  /** The claim of the data is deleted, and everything that it held. */
  loseVolume(): void {
    this.database.claimed = false;
    this.database.directories.clear();
    this.database.current = "";
  }

  restore(call: Call = {}) {
    const { dryRun = false, targetGiven = true, signal = new AbortController().signal } = call;
    const power = call.power ?? new Power();
    const { ports, run, progress } = this.process("restore", power);
    const all: RestorePorts = {
      ...ports,
      newId: () => `r${(this.ids += 1)}`,
      claim: power.plug(this.database.claim, ["create"]),
      resolve: async (volumeLost) => {
        if (volumeLost && !this.database.pods.has("ask")) await ports.host.inspect(signal);
        if (this.database.parts.some((part) => part.name === "postgres" && part.replicas === 0)) await ports.host.inspect(signal);
        return { target: call.target ?? target, systemId: "7" };
      },
      confirmReached: async (_start, { reached, checks }) => {
        if (this.refusesReached !== undefined) throw this.refusesReached;
        this.reached.push(reached.lsn, ...checks.map(({ id, verdict, seen }) => `${id} ${verdict}: ${seen}`));
      },
    };
    const look = { depth: "quick", skips: new Map(Object.entries(call.skips ?? {})) } as const;
    const outcome = this.clock.during(
      restore(all, { name: "shop", namespace: "shop", dryRun, targetGiven, look, redis: call.redis ?? "snapshot" }, signal),
    );
    return { outcome, run, progress };
  }

  prune({ dryRun = false, confirm = async () => undefined }: { readonly dryRun?: boolean; readonly confirm?: () => Promise<void> } = {}) {
    const { objects, clock, operator } = this;
    const ports = { objects, clock, operator, host: this.database.host, run: "prune-1", confirm, note: () => undefined };
    return this.clock.during(pruneRestores(ports, { namespace: "shop", dryRun }, new AbortController().signal));
  }

  undo(call: Call = {}) {
    const { ports, run, progress } = this.process("undo", call.power ?? new Power());
    const request = { name: "shop", namespace: "shop", dryRun: call.dryRun ?? false, redis: call.redis ?? "snapshot" } as const;
    return { outcome: this.clock.during(undoRestore(ports, request, call.signal ?? new AbortController().signal)), run, progress };
  }

  /** Kills a process: this machine then knows that it is gone. */
  kill(run: MemoryRunStore): void {
    this.operator.dead.add(run.id);
  }

  record(): readonly Record<string, unknown>[] {
    return JSON.parse(this.objects.document("shop", "migratectl-record")["record.json"] ?? '{"entries":[]}').entries;
  }

  private process(workflow: string, power: Power) {
    const run = new MemoryRunStore(`${workflow}-${this.runs.length + 1}`);
    const progress = new RecordingProgress();
    this.runs.push(run);
    const world = power.plug({ use: async () => this.use() }, ["use"]);
    const ports = {
      objects: power.plug(this.objects, clusterVerbs),
      clock: this.clock,
      operator: this.operator,
      progress,
      run,
      helm: {
        find: async () => ({ name: "shop", revision: 1, status: "deployed", chartVersion: "1.0.0", appVersion: "1.0.0", description: "" }),
        manifest: async () => this.manifest,
      } as unknown as RestorePorts["helm"],
      by: async () => ({ cluster: "admin", host: "anna@jump-1" }),
      host: power.plug(this.database.host, ["ask", "switch", "take", "release"]),
      redis: power.plug(this.database.redisData, ["load", "empty"]),
      pods: power.plug(this.database.restorePods, ["start", "decide", "remove"]),
      scratch: power.plug(this.beside.databases, ["start", "remove"]),
      parts: power.plug(this.database.runningParts, ["scale", "suspend", "pause", "lead"]),
      confirm: async () => undefined,
      awaitRollout: async () => ({ components: 9, seconds: 12 }),
      smoke: () => world.use(),
    };
    return { ports, run, progress };
  }

  private async use() {
    if (this.smokeFailure !== undefined) throw this.smokeFailure;
    this.smokes += 1;
    return { passed: 8, warned: 0, skipped: 0 };
  }
}
