import { registrySchema } from "../../domain/answers/answers.ts";
import { valueAt } from "../../domain/answers/tree.ts";
import { answerAt, type Question, textAt, type VerifyStep } from "../question.ts";

/** The registry that the cluster pulls from. */
export const registryQuestions: readonly (Question | VerifyStep)[] = [
  { kind: "text", path: "registry.host", depth: "basic", message: "Registry that the cluster pulls from", hint: "HOST[:PORT][/PREFIX]" },
  {
    kind: "text",
    path: "registry.username",
    depth: "basic",
    message: "User name for the registry",
    hint: "empty: none is needed",
    optional: true,
  },
  {
    kind: "secret",
    path: "registry.password",
    depth: "basic",
    message: "Where is the password of that user?",
    when: (situation) => answerAt(situation, "registry.username") !== undefined,
  },
  {
    kind: "text",
    path: "registry.caFile",
    depth: "basic",
    message: "PEM file with the registry's CA",
    hint: "empty: a public one signed its certificate",
    optional: true,
    when: (situation) => answerAt(situation, "registry.plainHttp") !== true,
    check: (situation, checks) => checks.readable(textAt(situation, "registry.caFile") ?? ""),
  },
  { kind: "confirm", path: "registry.plainHttp", depth: "more", message: "Talk to the registry without TLS?", suggest: () => false },
  { kind: "text", path: "registry.pullSecret", depth: "more", message: "Existing pull secret", hint: "empty: one is made", optional: true },
  {
    kind: "verify",
    about: "the registry",
    paths: ["registry.host", "registry.username", "registry.password", "registry.caFile", "registry.plainHttp"],
    async run({ draft }, checks, signal) {
      const registry = registrySchema.safeParse(valueAt(draft.tree, ["registry"]));
      return registry.success ? checks.registry(registry.data, signal) : undefined;
    },
  },
];
