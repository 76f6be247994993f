import type { Examination } from "../../src/domain/recovery/examination.ts";

/** What is found in a sound database without tables. */
export const soundExamination: Examination = {
  tables: [],
  schemaRevision: "0002",
  heartbeat: { at: "2026-01-01T00:00:00Z", advances: false },
  replicas: 0,
  redis: undefined,
  redisParts: undefined,
  invalidIndexes: [],
  sequencesBehind: [],
  vectorIndexes: [{ index: "migration.patterns_embedding", sampled: 3, agreed: 3 }],
  pages: undefined,
  failures: [],
};
