import type { Question, VerifyStep } from "./question.ts";
import { backupQuestions } from "./questions/backup.ts";
import { releaseQuestions } from "./questions/cluster.ts";
import { ingressQuestions } from "./questions/ingress.ts";
import { optionalQuestions } from "./questions/optional.ts";
import { partQuestions } from "./questions/parts.ts";
import { registryQuestions } from "./questions/registry.ts";
import { storageQuestions } from "./questions/storage.ts";

/** Everything the wizard asks after the cluster is chosen, in this order. */
export const questions: readonly (Question | VerifyStep)[] = [
  ...releaseQuestions,
  ...registryQuestions,
  ...storageQuestions,
  ...partQuestions,
  ...ingressQuestions,
  ...optionalQuestions,
  ...backupQuestions,
];
