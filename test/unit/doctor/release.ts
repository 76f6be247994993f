import type { Problem } from "../../../src/domain/errors/problem.ts";
import { newJournal } from "../../../src/domain/plan/journal.ts";
import type { Plan, WorkflowName } from "../../../src/domain/plan/plan.ts";
import { known, type Reading } from "../../../src/domain/reading.ts";
import type { DrillRun } from "../../../src/domain/recovery/drill.ts";
import type { RedisKeeping } from "../../../src/domain/recovery/redis-snapshot.ts";
import type { BackupHost, DataVolume, Inspection, PrimaryState } from "../../../src/ports/backup-host.ts";
import type { DoctorPorts } from "../../../src/workflow/doctor/gather.ts";
import { journalName } from "../../../src/workflow/run/journal-keeper.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { FakeReleaseHealth } from "../../fakes/fake-release-health.ts";
import { FakeWorkloads } from "../../fakes/fake-workloads.ts";
import { FixtureHost } from "../../fakes/fixture-host.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { MemoryRunStore } from "../../fakes/memory-run-store.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";
import { healthy } from "./healthy.ts";

/** The release of these tests. */
export const scope = { release: "migrate-platform", namespace: "client-acme" };

const signal = new AbortController().signal;

function knownOf<T>(reading: Reading<T>): T {
  if (reading.kind !== "known") throw new Error("the healthy release knows everything");
  return reading.value;
}

/** The repository that was kept as files, beside a database that is well. */
class DoctoredHost extends FixtureHost {
  /** Thrown by every question. */
  broken: Problem | undefined;
  volumeAsked = 0;

  /** The primary as it is, archiving well. */
  primaryNow(): PrimaryState {
    if (this.asPrimary === undefined) throw new Error("the fixture has a primary");
    return this.asPrimary;
  }

  override async inspect(): Promise<Inspection> {
    this.refuse();
    return await super.inspect();
  }

  async drills(): Promise<readonly DrillRun[]> {
    this.refuse();
    return knownOf(healthy.drills);
  }

  async redis(): Promise<RedisKeeping | undefined> {
    this.refuse();
    return knownOf(healthy.redis);
  }

  async volume(): Promise<DataVolume> {
    this.volumeAsked += 1;
    const directory = { name: "17-a", replacedBy: undefined, unfinished: false, current: true };
    return {
      directories: [
        { ...directory, bytes: 60 },
        { ...directory, current: false, bytes: 25 },
      ],
      free: 15,
    };
  }

  private refuse(): void {
    if (this.broken !== undefined) throw this.broken;
  }
}

/** A cluster in memory in which a release is installed and well; tests change its parts. */
export function healthyRelease() {
  const workloads = new FakeWorkloads(scope);
  const clock = new HeldClock("2026-03-01T12:00:00.000Z");
  const [health, objects, host] = [new FakeReleaseHealth(), new FakeClusterObjects(clock), new DoctoredHost()];
  objects.namespaces.set(scope.namespace, { uid: "u-1", labels: {}, terminating: false });
  const pods = healthy.rollout.pods.map((pod, index) => ({ ...pod, node: index === 2 ? "node-b" : "node-a" }));
  workloads.release.facts = { ...healthy.rollout, pods };
  Object.assign(workloads.release, { helm: healthy.helm, cronJobs: healthy.schedules });
  Object.assign(health, { record: healthy.recorded, stats: healthy.stats, keys: new Map([["pull", [".dockerconfigjson"]]]) });
  const now = host.primaryNow().now;
  const archived = { segment: "A", at: new Date(now.getTime() - 40_000), failedSegment: undefined, failedAt: undefined };
  host.asPrimary = { ...host.primaryNow(), archived };
  const ports: DoctorPorts = {
    ...{ workloads, health, objects, clock, progress: new RecordingProgress() },
    notebook: new MemoryRunStore("doctor"),
    cluster: { quotas: async () => known([...knownOf(healthy.quotas)]) },
    // What doctor does not ask it has not.
    host: host as unknown as BackupHost,
    replication: { replication: async () => knownOf(healthy.replication) },
  };
  return { workloads, health, objects, host, clock, ports, leaveRun: (workflow: WorkflowName) => leaveRun(objects, workflow) };
}

/** The journal of a run that nobody has finished. */
async function leaveRun(objects: FakeClusterObjects, workflow: WorkflowName): Promise<void> {
  const action = { id: "a", title: "A", touches: [], bytes: 0, seconds: 1, undo: "stays" };
  const plan: Plan = {
    ...{ apiVersion: "migratectl/v1", kind: "Plan", workflow, clusterUid: "u-1", inputs: {}, actions: [action] },
    release: { name: scope.release, namespace: scope.namespace, version: "1.0.0" },
  };
  const journal = newJournal({ run: "run-1", plan, planDigest: "x" }, "2026-03-01T11:00:00.000Z");
  await objects.writeDocument(scope.namespace, journalName, { "journal.json": JSON.stringify(journal) }, {}, undefined, signal);
}
