import { z } from "zod";
import type { ClusterObjects } from "../../../src/ports/cluster-objects.ts";
import { planOf } from "../../../src/workflow/run/plan-of.ts";
import { type Ending, type RunOptions, runPlan } from "../../../src/workflow/run/runner.ts";
import { type Step, type Workflow, workflow } from "../../../src/workflow/run/step.ts";
import { leaseStep } from "../../../src/workflow/steps/lease.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { FakeOperator } from "../../fakes/fake-operator.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { MemoryRunStore } from "../../fakes/memory-run-store.ts";
import { clusterVerbs, Power } from "../../fakes/power.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";

export interface Start {
  readonly namespace: string;
  readonly inputs: string;
}

/** A world outside the cluster that three actions build: each counts how often it was really done. */
export class Workshop {
  readonly built: string[] = [];
  replicas = 0;
  failAt: string | undefined;
  failure: unknown = new Error("the tool broke");

  async build(part: string): Promise<void> {
    if (this.failAt === part) throw this.failure;
    this.built.push(part);
  }

  async remove(part: string): Promise<void> {
    if (this.built.includes(part)) this.built.splice(this.built.indexOf(part), 1);
  }

  async scale(replicas: number): Promise<void> {
    this.replicas = replicas;
  }

  async has(part: string): Promise<boolean> {
    return this.built.includes(part);
  }
}

const namespaceStep = (objects: ClusterObjects): Step<Start, Start, { uid: string }> => ({
  id: "namespace",
  title: "Make the namespace",
  describe: ({ namespace }) => ({ touches: [`Namespace/${namespace}`], bytes: 0, seconds: 1, undo: "stays" }),
  gives: z.object({ uid: z.string() }),
  run: async ({ namespace }, { signal }) => {
    await objects.createNamespace(namespace, {}, signal);
    return { uid: "u" };
  },
});

/** An action whose effect a probe can see in the workshop, so that a crash after it is recognised. */
export function partStep<Need extends object, Key extends string>(
  workshop: Workshop,
  part: Key,
  note?: (state: Need) => string,
): Step<Start, Need, Record<Key, string>> {
  const give = (text: string) => ({ [part]: text }) as Record<Key, string>;
  return {
    id: part,
    title: `Build the ${part}`,
    describe: ({ inputs }) => ({ touches: [`Part/${part}`], bytes: inputs.length, seconds: 1, undo: "taken apart" }),
    gives: z.looseObject({}).transform((value) => value as unknown as Record<Key, string>),
    run: async (state) => {
      await workshop.build(part);
      return give(note?.(state) ?? `made-${part}`);
    },
    alreadySo: async (state) => ((await workshop.has(part)) ? give(note?.(state) ?? `made-${part}`) : undefined),
    undo: async () => workshop.remove(part),
  };
}

/** Stops what is at work and remembers how much it was, as a restore does before it touches data. */
const quiesceStep = (workshop: Workshop): Step<Start, Start, { quiet: true }, { replicas: number }> => ({
  id: "quiesce",
  title: "Stop the machines",
  describe: () => ({ touches: [], bytes: 0, seconds: 1, undo: "started again" }),
  gives: z.object({ quiet: z.literal(true) }),
  before: { schema: z.object({ replicas: z.number() }), gather: async () => ({ replicas: workshop.replicas }) },
  run: async () => {
    await workshop.scale(0);
    return { quiet: true };
  },
  undo: async (_, { before }) => workshop.scale(before?.replicas ?? 0),
});

/** One cluster and one workshop; every run is a new process. */
export class Rig {
  readonly clock = new HeldClock();
  readonly objects = new FakeClusterObjects(this.clock);
  readonly operator = new FakeOperator();
  readonly workshop = new Workshop();
  readonly endings: Ending[] = [];
  private runs = 0;

  story(power: Power, operator = this.operator, quiesce = false): Workflow<Start> {
    const objects = power.plug(this.objects, clusterVerbs);
    const tool = power.plug(this.workshop, ["build", "remove", "scale"]);
    const prepared = workflow<Start>("install")
      .prepare(namespaceStep(objects))
      .prepare(leaseStep({ objects, clock: this.clock, operator }));
    return (quiesce ? prepared.step(quiesceStep(tool)) : prepared)
      .step(partStep(tool, "base"))
      .step(partStep<Start & { base: string }, "walls">(tool, "walls", ({ base }) => `walls-on-${base}`))
      .step(partStep<Start & { walls: string }, "roof">(tool, "roof", ({ walls }) => `roof-on-${walls}`));
  }

  process(
    power = new Power(),
    options: Partial<RunOptions> & { readonly inputs?: string; readonly operator?: FakeOperator; readonly quiesce?: boolean } = {},
  ) {
    this.runs += 1;
    const run = new MemoryRunStore(`run-${this.runs}`);
    const progress = new RecordingProgress();
    const start = { namespace: "shop", inputs: options.inputs ?? "v1" };
    const story = this.story(power, options.operator, options.quiesce);
    const plan = planOf(story, start, {
      release: { name: "shop", namespace: "shop", version: "1.0.0" },
      clusterUid: "c",
      inputs: { values: start.inputs },
    });
    const ports = { objects: power.plug(this.objects, clusterVerbs), clock: this.clock, progress, run };
    const usual: RunOptions = {
      signal: new AbortController().signal,
      onFailure: () => "keep",
      stillAsPlanned: async () => undefined,
      ended: async (ending) => void this.endings.push(ending),
      leaveNothing: false,
    };
    const outcome = () => runPlan(ports, story, start, plan, { ...usual, ...options });
    return { run, progress, plan, outcome };
  }

  journalIfAny(): { readonly direction: string } | undefined {
    const text = this.objects.snapshot()["shop/ConfigMap/migratectl-journal"];
    return text === undefined ? undefined : (this.journal() as unknown as { readonly direction: string });
  }

  journal(): {
    readonly entries: readonly { readonly id: string; readonly state: string; readonly output?: unknown }[];
    readonly finished: boolean;
  } {
    const text = this.objects.document("shop", "migratectl-journal");
    return JSON.parse(text["journal.json"] ?? "{}");
  }
}
