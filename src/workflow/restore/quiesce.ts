import { z } from "zod";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { RunningParts } from "../../ports/running-parts.ts";
import { awaitSomething } from "../await-something.ts";
import { archiveUntilNow } from "../backup/archive-until-now.ts";
import type { Place } from "../run/carry-out.ts";
import type { Step, StepContext } from "../run/step.ts";
import { unlessNoDatabase } from "./no-database.ts";

/** Components that hold the data, and the page that people see meanwhile: they are not among what uses the database. */
const dataComponents = ["postgres", "postgres-replica"];
const stays = [...dataComponents, "redis", "frontend"];

const partSchema = z.object({ kind: z.enum(["Deployment", "StatefulSet"]), name: z.string(), component: z.string(), replicas: z.int() });
const beforeSchema = z.object({ parts: z.array(partSchema), schedules: z.array(z.string()), scalers: z.array(z.string()) });
type Before = z.infer<typeof beforeSchema>;

/** What was in service before. */
export type QuiesceGive = { readonly outOfService: Before };

/** Milliseconds that the pods get to end: a worker finishes or gives back what it works on. */
const endWithin = 360_000;

/** Takes everything that uses the database out of service, and archives the WAL until now, so that this moment can be recovered, too. */
export function quiesceStep(ports: { readonly parts: RunningParts; readonly host: BackupHost }): Step<Place, Place, QuiesceGive, Before> {
  const { parts, host } = ports;
  return {
    id: "quiesce",
    title: "Take the platform out of service",
    describe: () => ({
      touches: ["everything that uses the database, scaled to 0", "CronJobs and KEDA, paused"],
      bytes: 0,
      seconds: 20,
      undo: "all of it is scaled back and resumed",
    }),
    gives: z.object({ outOfService: beforeSchema }),
    before: {
      schema: beforeSchema,
      gather: async ({ name, namespace }, { signal }) => {
        const scope = { release: name, namespace };
        const [all, schedules, scalers] = await Promise.all([
          parts.parts(scope, signal),
          parts.schedules(scope, signal),
          parts.scalers(scope, signal),
        ]);
        return {
          parts: all.filter(({ component, replicas }) => !stays.includes(component) && replicas > 0),
          schedules: schedules.filter(({ suspended }) => !suspended).map((schedule) => schedule.name),
          scalers: [...scalers],
        };
      },
    },
    run: async (start, context, before) => {
      const { namespace } = start;
      const { signal } = context;
      for (const scaler of before.scalers) await parts.pauseScaler(namespace, scaler, true, signal);
      for (const schedule of before.schedules) await parts.suspend(namespace, schedule, true, signal);
      for (const part of before.parts) await parts.scale(namespace, part, 0, signal);
      const components = new Set(before.parts.map(({ component }) => component));
      await podsGone(parts, start, (component) => components.has(component), endWithin, context);
      await archiveWhatIsLeft(host, context);
      return { outOfService: before };
    },
    undo: async (start, { before }, context) => {
      if (before !== undefined) await backInService(parts, start, before, context);
    },
  };
}

/** Brings back what was taken out of service. */
export async function backInService(
  parts: RunningParts,
  { namespace }: Pick<Place, "namespace">,
  before: Before,
  { signal }: Pick<StepContext, "signal">,
): Promise<void> {
  for (const part of before.parts) await parts.scale(namespace, part, part.replicas, signal);
  for (const scaler of before.scalers) await parts.pauseScaler(namespace, scaler, false, signal);
  for (const schedule of before.schedules) await parts.suspend(namespace, schedule, false, signal);
}

/** Waits until no pod of these components is left, also none that is ending. */
export async function podsGone(
  parts: RunningParts,
  { name, namespace }: Pick<Place, "name" | "namespace">,
  concerns: (component: string) => boolean,
  within: number,
  context: Pick<StepContext, "clock" | "signal" | "view">,
): Promise<void> {
  await awaitSomething("the pods have not ended", within, context, async () => {
    const left = (await parts.pods({ release: name, namespace }, context.signal)).filter(({ component }) => concerns(component));
    context.view(left.map((pod) => `Pod/${pod.name} is ending`));
    return left.length === 0 ? true : undefined;
  });
}

/** True for the pods of the database itself. */
export function isDatabase(component: string): boolean {
  return dataComponents.includes(component);
}

/** Where no primary answers there is nothing more to archive: what is there is what can be recovered. */
async function archiveWhatIsLeft(host: BackupHost, context: StepContext): Promise<void> {
  const { signal } = context;
  const primary = (await host.inspect(signal).catch(unlessNoDatabase))?.primary;
  if (primary === undefined || primary.inRecovery) {
    context.note("The database takes no writes; what is archived already is what can be recovered.");
    return;
  }
  await archiveUntilNow({ host, clock: context.clock }, signal);
}
