import { offered } from "../offered.ts";
import { profileSizes } from "../profile.ts";
import type { Question } from "../question.ts";

/** Where data is kept, and how much of it. */
export const storageQuestions: readonly Question[] = [
  {
    kind: "choice",
    path: "storage.className",
    depth: "basic",
    message: "Storage class for databases and backups",
    choices: ({ cluster }) => offered(cluster?.storageClasses),
    suggest: ({ cluster }) =>
      cluster?.storageClasses.kind === "known" ? cluster.storageClasses.value.find((one) => one.isDefault)?.name : undefined,
    orSkip: true,
  },
  {
    kind: "text",
    path: "storage.postgres",
    depth: "more",
    message: "Size of the Postgres volume",
    suggest: (situation) => profileSizes(situation).postgres,
    fromProfile: true,
  },
  {
    kind: "text",
    path: "storage.redis",
    depth: "more",
    message: "Size of each Redis volume",
    suggest: (situation) => profileSizes(situation).redis,
    fromProfile: true,
  },
];
