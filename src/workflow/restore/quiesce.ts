import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
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
const entranceSchema = z.object({
  service: z.string(),
  selector: z.record(z.string(), z.string()),
  targetPort: z.union([z.string(), z.int()]),
});
const beforeSchema = z.object({
  parts: z.array(partSchema),
  schedules: z.array(z.string()),
  scalers: z.array(z.string()),
  entrances: z.array(entranceSchema),
});
type Before = z.infer<typeof beforeSchema>;
const givesSchema = z.object({ outOfService: beforeSchema, connections: z.literal(0) });

/** What was in service before; and that nobody is connected to the database any more. */
export type QuiesceGive = z.infer<typeof givesSchema>;

/** Milliseconds that the pods get to end (a worker finishes or gives back what it works on), others' connections to stay away, the API to be back. */
const [endWithin, disconnectWithin, openWithin] = [360_000, 60_000, 180_000];

/** Port of the frontend that answers everything with the maintenance page. */
const maintenance = "maintenance";

/** Takes everything that uses the database out of service, and archives the WAL until now, so that this moment can be recovered, too. */
export function quiesceStep(ports: { readonly parts: RunningParts; readonly host: BackupHost }): Step<Place, Place, QuiesceGive, Before> {
  const { parts, host } = ports;
  return {
    id: "quiesce",
    title: "Take the platform out of service",
    describe: () => ({
      touches: [
        "everything that uses the database, scaled to 0",
        "CronJobs and KEDA, paused",
        "Services frontend and backend, led to the maintenance page",
      ],
      bytes: 0,
      seconds: 20,
      undo: "all of it is scaled back and resumed",
    }),
    gives: givesSchema,
    before: {
      schema: beforeSchema,
      gather: async ({ name, namespace }, { signal }) => {
        const scope = { release: name, namespace };
        const [all, schedules, scalers, entrances] = await Promise.all([
          parts.parts(scope, signal),
          parts.schedules(scope, signal),
          parts.scalers(scope, signal),
          parts.entrances(scope, signal),
        ]);
        return {
          parts: all.filter(({ component, replicas }) => !stays.includes(component) && replicas > 0),
          schedules: schedules.filter(({ suspended }) => !suspended).map((schedule) => schedule.name),
          scalers: [...scalers],
          entrances: entrances.map((entrance) => ({ ...entrance })),
        };
      },
    },
    run: async (start, context, before) => {
      const { namespace } = start;
      const { signal } = context;
      for (const entrance of toMaintenance(before)) await parts.lead(namespace, entrance, signal);
      for (const scaler of before.scalers) await parts.pauseScaler(namespace, scaler, true, signal);
      for (const schedule of before.schedules) await parts.suspend(namespace, schedule, true, signal);
      for (const part of before.parts) await parts.scale(namespace, part, 0, signal);
      const components = new Set(before.parts.map(({ component }) => component));
      await podsGone(parts, start, (component) => components.has(component), endWithin, context);
      await endConnections(host, context);
      await archiveWhatIsLeft(host, context);
      return { outOfService: before, connections: 0 };
    },
    undo: async (start, { before }, context) => {
      if (before !== undefined) await backInService(parts, start, before, context);
    },
  };
}

/** Where the Services lead meanwhile: to the frontend's maintenance page, which is first among them. */
function toMaintenance({ entrances }: Before): Before["entrances"] {
  const [frontend] = entrances;
  return frontend === undefined ? [] : entrances.map(({ service }) => ({ service, selector: frontend.selector, targetPort: maintenance }));
}

/** Brings back what was taken out of service. The maintenance page goes once the API answers, or at the latest when it should have. */
export async function backInService(
  parts: RunningParts,
  { name, namespace }: Pick<Place, "name" | "namespace">,
  before: Before,
  context: Pick<StepContext, "clock" | "note" | "signal">,
): Promise<void> {
  const { note, signal } = context;
  for (const part of before.parts) await parts.scale(namespace, part, part.replicas, signal);
  for (const scaler of before.scalers) await parts.pauseScaler(namespace, scaler, false, signal);
  for (const schedule of before.schedules) await parts.suspend(namespace, schedule, false, signal);
  if (before.entrances.length > 0 && before.parts.some(({ component }) => component === "backend"))
    await awaitSomething("the API is not ready", openWithin, context, async () =>
      (await parts.pods({ release: name, namespace }, signal)).some((pod) => pod.component === "backend" && pod.ready && !pod.ending)
        ? true
        : undefined,
    ).catch((error: unknown) => {
      if (!(error instanceof Problem) || error.code !== "DEADLINE") throw error;
      note("The API is not ready yet; the maintenance page goes all the same.");
    });
  for (const entrance of before.entrances) await parts.lead(namespace, entrance, signal);
}

/** Ends what others than the platform have open, until nobody comes back. @throws Problem DEADLINE when somebody does */
async function endConnections(host: BackupHost, context: StepContext): Promise<void> {
  await awaitSomething("somebody connects to the database again and again", disconnectWithin, context, async () => {
    const ended = (await host.endConnections(context.signal).catch(unlessNoDatabase)) ?? [];
    for (const { user, address, application } of ended)
      context.note(`Ended a connection of ${user} from ${address}${application === "" ? "" : ` (${application})`}.`);
    return ended.length === 0 ? true : undefined;
  });
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
  const primary = await host.primary(signal).catch(unlessNoDatabase);
  if (primary === undefined || primary.inRecovery) {
    context.note("The database takes no writes; what is archived already is what can be recovered.");
    return;
  }
  await archiveUntilNow({ host, clock: context.clock }, signal);
}
