import { answerAt, type Question, type Situation } from "../question.ts";

const hasLlm = (situation: Situation) => answerAt(situation, "llm.baseUrl") !== undefined;
const when = () => [
  { value: "off", name: "no" },
  { value: "auto", name: "when the cluster has it" },
  { value: "on", name: "yes" },
];

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
];
