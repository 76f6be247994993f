import { answerAt, type Question, type Situation } from "../question.ts";

const hasLlm = (situation: Situation) => answerAt(situation, "llm.baseUrl") !== undefined;
const when = () => [
  { value: "off", name: "no" },
  { value: "auto", name: "when the cluster has it" },
  { value: "on", name: "yes" },
];

const cron = "minute hour day month weekday";

/** What an installation can do without. */
export const optionalQuestions: readonly Question[] = [
  {
    kind: "text",
    path: "llm.baseUrl",
    depth: "basic",
    message: "URL of the LLM provider",
    hint: "empty: none, and no way out is opened",
    optional: true,
  },
  { kind: "secret", path: "llm.apiKey", depth: "basic", message: "Where is the LLM provider's API key?", when: hasLlm },
  {
    kind: "text",
    path: "llm.egressCidrs",
    depth: "basic",
    message: "Address ranges of the LLM provider",
    hint: "CIDRs, for network policies",
    optional: true,
    when: (situation) => hasLlm(situation) && answerAt(situation, "features.networkPolicies") !== false,
  },
  {
    kind: "confirm",
    path: "features.networkPolicies",
    depth: "more",
    message: "Create network policies (deny by default)?",
    suggest: () => true,
  },
  {
    kind: "choice",
    path: "features.keda",
    depth: "more",
    message: "Scale workers by queue length with KEDA?",
    choices: when,
    suggest: () => "off",
  },
  {
    kind: "choice",
    path: "features.serviceMonitor",
    depth: "more",
    message: "Let the Prometheus operator collect metrics (ServiceMonitor)?",
    choices: when,
    suggest: () => "off",
  },
  { kind: "text", path: "backup.full", depth: "more", message: "When do full backups run?", hint: cron, suggest: () => "0 2 * * 0" },
  {
    kind: "text",
    path: "backup.incremental",
    depth: "more",
    message: "When do incremental backups run?",
    hint: cron,
    suggest: () => "0 2 * * 1-6",
  },
  {
    kind: "choice",
    path: "backup.dailyType",
    depth: "more",
    message: "What do the backups between full ones hold?",
    choices: () => [
      { value: "diff", name: "all that changed since the last full one", description: "a restore needs two of them" },
      { value: "incr", name: "all that changed since the last one", description: "smaller; a restore needs all since the full one" },
    ],
    suggest: () => "diff",
    fromProfile: true,
  },
  {
    kind: "text",
    path: "backup.retentionDays",
    depth: "more",
    message: "To how many days back can every moment be restored?",
    hint: "empty: a count of full backups is kept instead",
    optional: true,
  },
  {
    kind: "text",
    path: "backup.retentionFull",
    depth: "more",
    message: "How many full backups are kept?",
    suggest: () => "4",
    when: (situation) => answerAt(situation, "backup.retentionDays") === undefined,
  },
  {
    kind: "choice",
    path: "backup.encryption",
    depth: "more",
    message: "Encrypt the backups?",
    choices: () => [
      { value: "aes-256-cbc", name: "yes", description: "a repository that is there already stays as it is" },
      { value: "none", name: "no" },
    ],
    suggest: () => "aes-256-cbc",
    fromProfile: true,
  },
  {
    kind: "secret",
    path: "backup.encryptionKey",
    depth: "more",
    message: "Where is the key of the backups?",
    orElse: "nowhere yet: make one at the first install",
    when: (situation) => answerAt(situation, "backup.encryption") !== "none",
  },
];
