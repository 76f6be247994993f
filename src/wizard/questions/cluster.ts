import { profileCost } from "../../domain/answers/part-costs.ts";
import { costText } from "../cost-text.ts";
import type { Question } from "../question.ts";

/** Which cluster; asked before anything else, because the rest is offered from it. */
export const contextQuestion: Question = {
  kind: "choice",
  path: "cluster.context",
  depth: "basic",
  message: "Which cluster (context of the kubeconfig)?",
  choices: ({ contexts }) =>
    contexts.names.map((name) => ({ value: name, name, ...(name === contexts.current ? { description: "the current context" } : {}) })),
  suggest: ({ contexts }) => contexts.current,
  orSkip: true,
};

/** Where in the cluster, and how large. */
export const releaseQuestions: readonly Question[] = [
  { kind: "text", path: "release.namespace", depth: "basic", message: "Namespace to install into", suggest: () => "migrate-platform" },
  {
    kind: "confirm",
    path: "release.createNamespace",
    depth: "more",
    message: "Create the namespace when it does not exist?",
    suggest: () => true,
  },
  {
    kind: "choice",
    path: "profile",
    depth: "basic",
    message: "How large?",
    hint: "what the pods request at rest",
    choices: () => [
      { value: "trial", name: "trial", description: `for evaluation only: ${costText(profileCost.trial)}` },
      { value: "small", name: "small", description: `supported minimum: ${costText(profileCost.small)}` },
      { value: "standard", name: "standard", description: `redundant: ${costText(profileCost.standard)}` },
      { value: "large", name: "large", description: `for much load: ${costText(profileCost.large)}` },
    ],
    suggest: () => "small",
  },
  { kind: "text", path: "release.name", depth: "more", message: "Name of the Helm release", suggest: () => "migrate-platform" },
  {
    kind: "choice",
    path: "scope",
    depth: "more",
    message: "May cluster-wide objects be created?",
    choices: () => [
      { value: "namespace", name: "no, only in the namespace" },
      { value: "cluster", name: "yes", description: "priority classes" },
    ],
    suggest: () => "namespace",
  },
];
