import { drill } from "../../../src/workflow/scratch/drill.ts";
import { dropPreview, openPreview } from "../../../src/workflow/scratch/preview.ts";
import type { ScratchMoment } from "../../../src/workflow/scratch/scratch-moment.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { FakeScratch } from "../../fakes/fake-scratch.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { clusterVerbs, Power } from "../../fakes/power.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";

export const moment: ScratchMoment = {
  target: { set: "20260101-000000F", timeline: 1, type: "time", value: "2026-01-02 03:00:00.000000+00" },
  at: "2026-01-02T03:00:00Z",
  bytes: 1_000_000_000,
  newest: "2026-01-02 03:03:00.000000+00",
};

/** What one call of the program is given. */
export interface Call {
  readonly power?: Power;
  readonly moment?: ScratchMoment;
  readonly momentGiven?: boolean;
  readonly thorough?: boolean;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/** A release beside whose database others are restored; every call is a new process. */
export class Rig {
  readonly clock = new HeldClock();
  readonly objects = new FakeClusterObjects(this.clock);
  readonly world = new FakeScratch();
  private runs = 0;

  static async installed(): Promise<Rig> {
    const rig = new Rig();
    await rig.objects.createNamespace("shop", {});
    return rig;
  }

  drill(call: Call = {}) {
    const { momentGiven = true, thorough = false, dryRun = false, signal = new AbortController().signal } = call;
    const { progress, ...ports } = this.process("drill", call.power ?? new Power(), call.moment ?? moment);
    const request = { name: "shop", namespace: "shop", momentGiven, thorough, asker: "anna@jump-1", dryRun };
    return { progress, outcome: this.clock.during(drill({ ...ports, progress }, request, signal)) };
  }

  preview(call: Call & { readonly keep?: number } = {}) {
    const { momentGiven = true, keep = 3600, dryRun = false, signal = new AbortController().signal } = call;
    const ports = this.process("preview", call.power ?? new Power(), call.moment ?? moment);
    return {
      progress: ports.progress,
      outcome: this.clock.during(openPreview(ports, { namespace: "shop", momentGiven, keep, dryRun }, signal)),
    };
  }

  drop({ power = new Power(), dryRun = false }: { readonly power?: Power; readonly dryRun?: boolean } = {}): Promise<boolean> {
    return this.clock.during(dropPreview(this.process("drop", power, moment), dryRun, new AbortController().signal));
  }

  record(): readonly Record<string, unknown>[] {
    return JSON.parse(this.objects.document("shop", "migratectl-record")["record.json"] ?? '{"entries":[]}').entries;
  }

  private process(command: string, power: Power, wanted: ScratchMoment) {
    this.runs += 1;
    return {
      scratch: power.plug(this.world.databases, ["start", "remove"]),
      objects: power.plug(this.objects, clusterVerbs),
      clock: this.clock,
      progress: new RecordingProgress(),
      run: `${command}-${this.runs}`,
      by: async () => ({ cluster: "admin", host: "anna@jump-1" }),
      resolve: async () => wanted,
    };
  }
}
