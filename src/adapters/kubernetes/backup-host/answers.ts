import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import { type DrillRun, drillOutcomeSchema } from "../../../domain/recovery/drill.ts";
import { backupTypes, parseExactJson } from "../../../domain/recovery/repository.ts";
import type {
  BackupState,
  Connection,
  DataVolume,
  Inspection,
  MadePoint,
  PrimaryState,
  SegmentCommits,
} from "../../../ports/backup-host.ts";
import type { RestoreState } from "../../../ports/restore-pods.ts";
import { parseJson } from "../../parse-json.ts";

const moment = z.iso.datetime().transform((text) => new Date(text));
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

const requestSchema = z.object({
  id: z.int(),
  type: z.enum(backupTypes),
  status: z.enum(["pending", "running", "succeeded", "failed"]),
  askedAt: moment,
  label: optional(z.string()),
  exitCode: optional(z.int()),
  message: optional(z.string()),
});

const primarySchema = z.object({
  systemId: z.string(),
  timeline: z.int(),
  version: z.int(),
  inRecovery: z.boolean(),
  lsn: z.string(),
  segmentBytes: z.int(),
  now: moment,
  archived: z.object({
    segment: optional(z.string()),
    at: optional(moment),
    failedSegment: optional(z.string()),
    failedAt: optional(moment),
  }),
});

/** The part of `pgbackrest info` that tells of a backup at work. */
const atWorkSchema = z.array(
  z.looseObject({
    status: z.looseObject({
      lock: z.looseObject({
        backup: z.looseObject({ held: z.boolean(), size: z.number().optional(), "size-cplt": z.number().optional() }),
      }),
    }),
  }),
);

const commitSchema = z.object({ lsn: z.string(), at: z.string() });
const commitsSchema = z.union([
  z.object({ segment: z.string(), error: z.string() }),
  z.object({ segment: z.string(), commits: z.array(commitSchema) }),
]);

/** The id that asking for a backup gives. */
export function readAsked(stdout: string): number {
  return reading("the request", () => one(stdout, z.object({ request: z.int() })).request);
}

/** What `backup-state` prints; undefined when it knows of no such request. */
export function readState(stdout: string): BackupState | undefined {
  return reading("the state of a backup", () => {
    const documents = lines(stdout);
    const found = documents.map((document) => z.object({ request: requestSchema }).safeParse(document)).find(({ success }) => success);
    if (found?.data === undefined) return undefined;
    const info = documents.map((document) => z.object({ info: atWorkSchema }).safeParse(document)).find(({ success }) => success)
      ?.data?.info;
    const held = info?.map(({ status }) => status.lock.backup).find((lock) => lock.held);
    const bytes = held?.size === undefined ? undefined : { done: held["size-cplt"] ?? 0, total: held.size };
    return { request: strict(found.data.request), ...(bytes === undefined ? {} : { bytes }) };
  });
}

/** What `inspect` prints. */
export function readInspection(stdout: string): Inspection {
  return reading("the repository", () => {
    const documents = lines(stdout);
    const of = <T>(schema: z.ZodType<T>): readonly T[] =>
      documents.flatMap((document) => {
        const parsed = schema.safeParse(document);
        return parsed.success ? [parsed.data] : [];
      });
    const info = /^\{"info":(.*)\}$/m.exec(stdout)?.[1];
    const [archive] = of(z.object({ archive: z.record(z.string(), z.unknown()) }));
    if (info === undefined || archive === undefined) throw new TypeError("it lacks info or archive");
    const histories = of(z.object({ history: z.object({ path: z.string(), content: z.base64() }) }));
    return {
      primary: of(z.object({ primary: primarySchema }))[0]?.primary,
      major: of(z.object({ server: z.object({ major: z.string().regex(/^\d+$/) }) }))[0]?.server.major,
      info: parseExactJson(info),
      archive: archive.archive,
      histories: Object.fromEntries(
        histories.map(({ history }) => [history.path, Buffer.from(history.content, "base64").toString("utf8")]),
      ),
    };
  });
}

/** What `commits` prints. */
export function readCommits(stdout: string): readonly SegmentCommits[] {
  return reading("the commits", () => lines(stdout).map((document) => commitsSchema.parse(document)));
}

const directorySchema = z.object({
  directory: z.object({ name: z.string(), current: z.boolean(), replacedBy: z.string(), restoring: z.string(), kibibytes: z.number() }),
});

const volumeSchema = z.object({ volume: z.object({ path: z.literal("/var/lib/postgresql/data"), free: z.number() }) });

/** What `volumes` prints of the data volume. */
export function readVolume(stdout: string): DataVolume {
  return reading("its volume", () => {
    const documents = lines(stdout);
    const of = <T>(schema: z.ZodType<T>): readonly T[] => documents.flatMap((document) => schema.safeParse(document).data ?? []);
    const [data] = of(volumeSchema);
    if (data === undefined) throw new TypeError("it does not tell the room on the data volume");
    const directories = of(directorySchema).map(({ directory: { name, current, replacedBy, restoring, kibibytes } }) => ({
      name,
      current,
      replacedBy: replacedBy === "" ? undefined : replacedBy,
      unfinished: restoring !== "",
      bytes: kibibytes * 1024,
    }));
    return { directories, free: data.volume.free * 1024 };
  });
}

const pointSchema = z.object({ name: z.string(), timeline: z.int(), lsn: z.string(), at: moment });

/** What `restore-point` prints. */
export function readPoint(stdout: string): MadePoint {
  return reading("the restore point", () => one(stdout, z.object({ restorePoint: pointSchema })).restorePoint);
}

/** What `restore-points` prints. */
export function readPoints(stdout: string): readonly Pick<MadePoint, "name" | "lsn">[] {
  return reading("the restore points", () => documentsOf(stdout)("restorePoint", pointSchema.pick({ name: true, lsn: true })));
}

const connectionSchema = z.object({ user: z.string(), address: z.string(), application: z.string() });

/** What `end-connections` prints. */
export function readConnections(stdout: string): readonly Connection[] {
  return reading("its connections", () => documentsOf(stdout)("connection", connectionSchema));
}

/** What `switch-wal` prints. */
export function readSwitched(stdout: string): string {
  return reading("the segment", () => one(stdout, z.object({ switched: z.string() })).switched);
}

/** Reads out of an answer of one document a line what stands under a name. A document under the name that is another one throws. */
export function documentsOf(stdout: string): <T>(name: string, schema: z.ZodType<T>) => readonly T[] {
  const documents = lines(stdout).map((document) => z.record(z.string(), z.unknown()).parse(document));
  return (name, schema) => documents.flatMap((document) => (name in document ? [schema.parse(document[name])] : []));
}

const reachedSchema = z.object({
  inRecovery: z.boolean(),
  pause: z.string().nullable(),
  lsn: z.string(),
  lastCommit: z.string().nullable(),
  timeline: z.int(),
});

/** What `restore-state` prints, in one of the phases that are possible. */
export function readRestoreState<Phase extends string>(
  stdout: string,
  phases: readonly Phase[],
): Omit<RestoreState, "phase"> & { readonly phase: Phase } {
  return reading("its state", () => {
    const schema = z.object({ phase: z.enum(phases), message: z.string(), reached: reachedSchema.nullable() });
    const { phase, message, reached } = one(stdout, schema);
    if (reached === null) return { phase: phase as Phase, message, reached: undefined };
    const { inRecovery, pause, lsn, lastCommit, timeline } = reached;
    return {
      phase: phase as Phase,
      message,
      reached: { inRecovery, paused: pause === "paused", lsn, lastCommit: lastCommit ?? undefined, timeline },
    };
  });
}

const drillSchema = z.object({
  drill: z.object({
    by: z.string(),
    status: z.enum(["running", "passed", "failed"]),
    startedAt: moment,
    finishedAt: optional(moment),
    message: optional(z.string()),
    outcome: optional(drillOutcomeSchema),
  }),
});

/** What `primary-state` prints. */
export function readPrimary(stdout: string): PrimaryState | undefined {
  return reading("who the primary is", () => documentsOf(stdout)("primary", primarySchema)[0]);
}

/** What `drills` prints. */
export function readDrills(stdout: string): readonly DrillRun[] {
  return reading("its restore drills", () => lines(stdout).map((document) => drillSchema.parse(document).drill));
}

function lines(stdout: string): readonly unknown[] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => parseJson(line));
}

function one<T>(stdout: string, schema: z.ZodType<T>): T {
  return schema.parse(lines(stdout)[0]);
}

function strict<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Reads an answer. @throws Problem BACKUP_HOST_STRANGE that says what of the answer cannot be read */
export function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Problem("BACKUP_HOST_STRANGE", { what: `the database's pod tells ${what} in a way that cannot be read`, cause });
  }
}
