import { z } from "zod";
import type { RunningParts } from "../../ports/running-parts.ts";
import { awaitSomething } from "../await-something.ts";
import type { Place } from "../run/carry-out.ts";
import type { Step, StepContext } from "../run/step.ts";
import { isDatabase, podsGone, type QuiesceGive } from "./quiesce.ts";

const databaseSchema = z.array(
  z.object({ kind: z.enum(["Deployment", "StatefulSet"]), name: z.string(), component: z.string(), replicas: z.int() }),
);
const givesSchema = z.object({ database: databaseSchema });
/** `served`: the primary was ready; only then is it waited for when it is started on what was there before. */
const beforeSchema = givesSchema.extend({ served: z.boolean() });
type Before = z.infer<typeof beforeSchema>;

/** The workloads of the database as they were, the primary first. */
export type StopDatabaseGive = { readonly database: Before["database"] };

/** Milliseconds that Postgres gets to end (fast shutdown and its last checkpoint), and to be ready again. */
const [endWithin, readyWithin] = [180_000, 900_000];

/** Ends Postgres, primary and replicas, so that the volume is free for the restore. */
export function stopDatabaseStep(parts: RunningParts): Step<Place, Place & QuiesceGive, StopDatabaseGive, Before> {
  return {
    id: "stop-database",
    title: "Stop the database",
    describe: () => ({
      touches: ["StatefulSet/postgres and its replicas, scaled to 0"],
      bytes: 0,
      seconds: 10,
      undo: "Postgres is started on the old data",
    }),
    gives: givesSchema,
    before: {
      schema: beforeSchema,
      gather: async ({ name, namespace }, { signal }) => ({
        served: (await parts.pods({ release: name, namespace }, signal)).some(({ component, ready }) => component === "postgres" && ready),
        database: (await parts.parts({ release: name, namespace }, signal))
          .filter(({ component }) => isDatabase(component))
          .toSorted((a, b) => a.component.localeCompare(b.component, "en"))
          // A database that somebody had scaled down by hand is wanted nevertheless.
          .map((part) => (part.component === "postgres" ? { ...part, replicas: Math.max(part.replicas, 1) } : part)),
      }),
    },
    run: async (start, context, { database }) => {
      for (const part of database) await parts.scale(start.namespace, part, 0, context.signal);
      await podsGone(parts, start, isDatabase, endWithin, context);
      return { database };
    },
    undo: async (start, { before }, context) => {
      if (before === undefined) return;
      if (before.served) return startDatabase(parts, start, before.database, context);
      for (const part of before.database) await parts.scale(start.namespace, part, part.replicas, context.signal);
    },
  };
}

/** Starts the primary, and once it is ready its replicas, which then see for themselves whether they have to be cloned again. */
export async function startDatabase(
  parts: RunningParts,
  { name, namespace }: Pick<Place, "name" | "namespace">,
  database: Before["database"],
  context: Pick<StepContext, "clock" | "signal" | "view">,
): Promise<void> {
  for (const part of database) {
    await parts.scale(namespace, part, part.replicas, context.signal);
    await awaitSomething(`${part.kind}/${part.name} is not ready`, readyWithin, context, async () => {
      const pods = (await parts.pods({ release: name, namespace }, context.signal)).filter(({ component }) => component === part.component);
      context.view(pods.map((pod) => `Pod/${pod.name} ${pod.ready ? "is ready" : "is starting"}`));
      return pods.filter(({ ready, ending }) => ready && !ending).length >= part.replicas ? true : undefined;
    });
  }
}
