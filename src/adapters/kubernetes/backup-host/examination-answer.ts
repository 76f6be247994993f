import { z } from "zod";
import { type Examination, type ExaminationDepth, examinedParts } from "../../../domain/recovery/examination.ts";
import { redisSnapshotSchema } from "../../../domain/recovery/redis-snapshot.ts";
import { documentsOf, reading } from "./answers.ts";

/** Milliseconds that each look may take; a thorough one reads every page. */
export const examineDeadlines: Readonly<Record<ExaminationDepth, number>> = { counts: 300_000, quick: 900_000, thorough: 12 * 3_600_000 };

const tableSchema = z.object({ name: z.string(), rows: z.number().nullable(), exact: z.boolean() });
const vectorIndexSchema = z.object({ index: z.string(), sampled: z.int(), agreed: z.int(), error: z.string().exactOptional() });
const pagesSchema = z.object({ looked: z.int(), corrupt: z.array(z.object({ object: z.string(), message: z.string() })) });
const partsSchema = z.object({ bytes: z.int().nonnegative(), altered: z.int().nonnegative() });
const failureSchema = z.object({ what: z.enum(examinedParts), message: z.string() });

/** What `examine` prints. */
export function readExamination(stdout: string): Examination {
  return reading("what it holds", () => {
    const of = documentsOf(stdout);
    const [replicas] = of("replicas", z.int());
    if (replicas === undefined) throw new TypeError("it does not tell its replicas");
    return {
      tables: of("table", tableSchema).map(({ rows, ...table }) => ({ ...table, ...(rows === null ? {} : { rows }) })),
      schemaRevision: of("schemaRevision", z.string().nullable())[0] ?? undefined,
      heartbeat: of("heartbeat", z.object({ at: z.string(), advances: z.boolean() }))[0],
      replicas,
      redis: of("redis", redisSnapshotSchema)[0],
      redisParts: of("redisParts", partsSchema)[0],
      invalidIndexes: of("invalidIndex", z.string()),
      sequencesBehind: of("sequenceBehind", z.string()),
      vectorIndexes: of("vectorIndex", vectorIndexSchema),
      pages: of("pages", pagesSchema)[0],
      failures: of("failure", failureSchema),
    };
  });
}
