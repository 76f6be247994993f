import { expect, it } from "vitest";
import { redisFromBackupStep } from "../../../src/workflow/install/from-backup.ts";
import type { InstallStart } from "../../../src/workflow/install/install-start.ts";
import type { QuiesceGive } from "../../../src/workflow/restore/quiesce.ts";
import type { StepContext } from "../../../src/workflow/run/step.ts";
import { FakeDatabase } from "../../fakes/fake-database.ts";

const signal = AbortSignal.timeout(10_000);
const nothing: QuiesceGive = { outOfService: { parts: [], schedules: [], scalers: [], entrances: [] }, connections: 0 };

/** Runs the step over a database that was just restored. */
async function redisBrought(database: FakeDatabase): Promise<readonly string[]> {
  for (const part of database.parts) if (part.component === "backend") part.replicas = 0;
  const notes: string[] = [];
  const context = { signal, interrupted: false, note: (text: string) => notes.push(text) } as unknown as StepContext;
  const step = redisFromBackupStep({ host: database.host, redis: database.redisData });
  const state = { ...nothing, name: "shop", namespace: "shop" } as unknown as InstallStart & QuiesceGive;
  const before = (await step.before?.gather(state, context)) ?? { known: false };
  await step.run(state, context, before);
  return notes;
}

it("an installation from backups brings Redis to the snapshot that lies with them", async () => {
  const database = new FakeDatabase();
  const notes = await redisBrought(database);
  expect(database.redis).toBe("jobs of an hour ago");
  expect(notes).toEqual([expect.stringMatching(/^Redis: as of 2025-12-31T23:48:00Z, 19 keys;/)]);
});

it("one that does not fit is told, and no reason to do without the platform", async () => {
  const database = new FakeDatabase();
  database.redisFailure = "REDIS_NO_ROOM";
  expect(await redisBrought(database)).toEqual([expect.stringMatching(/^Redis begins empty: /)]);
  database.redisFailure = "REDIS_NOT_LOADED";
  await expect(redisBrought(database)).rejects.toMatchObject({ code: "REDIS_NOT_LOADED" });
});

it("an installation without backups has no such step", () => {
  const database = new FakeDatabase();
  const step = redisFromBackupStep({ host: database.host, redis: database.redisData });
  expect(step.unneeded?.({ backup: undefined } as unknown as InstallStart)).toEqual({});
  expect(step.unneeded?.({ backup: { kind: "repository" } } as unknown as InstallStart)).toBeUndefined();
});
