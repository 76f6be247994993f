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
    kind: "choice",
    path: "profile",
    depth: "basic",
    message: "How large?",
    choices: () => [
      { value: "trial", name: "trial", description: "one pod of everything, for evaluation only" },
      { value: "small", name: "small", description: "the supported minimum: 8 CPU, 16 GiB, 200 GiB of storage" },
      { value: "standard", name: "standard", description: "a read replica, Redis with Sentinel, agent pool" },
      { value: "large", name: "large", description: "the upper end of everything" },
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
