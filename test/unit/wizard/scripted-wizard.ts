import { expect } from "vitest";
import type { AnswersFile } from "../../../src/domain/answers/document.ts";
import { checkedDraft, completeAnswers } from "../../../src/domain/answers/resolve.ts";
import type { AnswerChecks } from "../../../src/ports/answer-checks.ts";
import type { KnownRelease } from "../../../src/wizard/look.ts";
import { runWizard } from "../../../src/wizard/wizard.ts";
import { OfferedCluster } from "../../fakes/offered-cluster.ts";
import { type Exchange, ScriptedPrompter, script } from "../../fakes/scripted-prompter.ts";

/** Never aborts. */
export const signal = new AbortController().signal;
/** The world has nothing against any answer. */
export const fine: AnswerChecks = { readable: async () => undefined, registry: async () => undefined, certificate: async () => undefined };

/** The questions of a first run and what is answered; Enter where nothing stands. */
export const usual = {
  context: [/^Which cluster/] as const,
  depth: [/^Go through/, false] as const,
  release: [[/^Namespace to/], [/^How large/]] as const,
  registry: [[/^Registry that/, "registry.client.example"], [/^User name/], [/^PEM file with the registry/]] as const,
  ingress: [
    [/^Make the platform/],
    [/^DNS name/, "migrate.client.example"],
    [/^Where does the certificate/, "made by migratectl, self-signed"],
  ] as const,
  llm: [/^URL of the LLM/] as const,
};
/** A first run from the first question to the last, the short way. */
export const everything = script(
  usual.context,
  usual.depth,
  ...usual.release,
  ...usual.registry,
  [/^Storage class/],
  ...usual.ingress,
  usual.llm,
);

interface Setting {
  /** Of an answers file of the version of now, after its first line. */
  readonly text?: string;
  /** An answers file as a whole, instead. */
  readonly file?: AnswersFile;
  readonly flags?: Record<string, unknown>;
  readonly offers?: OfferedCluster;
  readonly checks?: Partial<AnswerChecks>;
  readonly environment?: readonly string[];
  readonly release?: KnownRelease;
}

/** Runs the wizard with a person who answers by the script, all of it; gives what was asked and answered. */
export async function wizard(
  exchanges: readonly Exchange[],
  {
    text,
    file = text === undefined ? undefined : { path: "m.yaml", text: `version: migratectl/v2\n${text}` },
    flags = {},
    offers = new OfferedCluster(),
    checks = {},
    environment = [],
    release,
  }: Setting = {},
) {
  const prompter = new ScriptedPrompter(exchanges);
  const start = checkedDraft({
    flags,
    environment: {},
    file,
  });
  const draft = await runWizard(
    start,
    { prompter, offers, checks: { ...fine, ...checks }, hasEnvironment: (name) => environment.includes(name), release },
    signal,
  );
  expect(prompter.rest, "questions of the script that were not asked").toEqual([]);
  return { prompter, draft, answers: completeAnswers(draft) };
}
