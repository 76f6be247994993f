import { profileSchema } from "../../domain/answers/answers.ts";
import { claimSizes } from "../../domain/answers/claim-sizes.ts";
import { offered } from "../offered.ts";
import { type Question, type Situation, textAt } from "../question.ts";

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
    suggest: (situation) => sizes(situation).postgres,
  },
  {
    kind: "text",
    path: "storage.backup",
    depth: "more",
    message: "Size of the backup repository's volume",
    suggest: (situation) => sizes(situation).backup,
  },
  {
    kind: "text",
    path: "storage.redis",
    depth: "more",
    message: "Size of each Redis volume",
    suggest: (situation) => sizes(situation).redis,
  },
];

function sizes(situation: Situation) {
  const profile = profileSchema.safeParse(textAt(situation, "profile"));
  return claimSizes({ profile: profile.success ? profile.data : "small", storage: {} });
}
