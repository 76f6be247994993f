import type { Draft } from "../domain/answers/draft.ts";
import { missingFields, missingProblem } from "../domain/answers/missing.ts";
import type { NeededAnswer } from "../domain/answers/needed.ts";
import { valueAt } from "../domain/answers/tree.ts";
import { assertNever } from "../domain/assert-never.ts";
import { StepBack } from "../ports/prompter.ts";
import { type AskPorts, ask } from "./ask.ts";
import { type LookPorts, look } from "./look.ts";
import type { Question, Situation, VerifyStep } from "./question.ts";
import { contextQuestion } from "./questions/cluster.ts";
import { questions } from "./questions.ts";
import { type Step, walk } from "./walk.ts";

/** What the wizard needs: someone to ask, something to offer, and a way to judge answers. */
export interface WizardPorts extends AskPorts, Omit<LookPorts, "tell"> {
  readonly hasEnvironment: (name: string) => boolean;
}

type WizardStep = Step<Situation, WizardPorts>;

/**
 * Asks everything that flags, environment, cluster and earlier answers do not settle, and what the release has people decide; gives the
 * draft with all answers.
 * @throws Problem CANCELLED
 */
export async function runWizard(start: Draft, ports: WizardPorts, signal: AbortSignal): Promise<Draft> {
  const steps = [
    asking(contextQuestion),
    looking,
    chooseDepth,
    ...questions.map((step) => (step.kind === "verify" ? verifying(step) : asking(step))),
  ];
  for (const text of ports.release?.intro ?? []) ports.prompter.tell(text);
  const { draft } = await walk(steps, { ...situationOf(start, ports), contexts: await ports.offers.contexts() }, ports, signal);
  return askMissing(draft, ports, signal);
}

/**
 * Asks only for answers that are missing and have no default, and for those that a release needs, until none is.
 * @throws Problem CANCELLED, ANSWERS_MISSING for needed ones that no question asks for
 */
export async function askMissing(
  start: Draft,
  ports: WizardPorts,
  signal: AbortSignal,
  needed: readonly NeededAnswer[] = [],
): Promise<Draft> {
  const unasked = needed.filter(({ path }) => questionAt(path) === undefined);
  if (unasked.length > 0) throw missingProblem(unasked);
  for (const note of new Set(needed.map((one) => one.note))) ports.prompter.tell(note);
  const paths = () => [...missingFields(draft), ...needed.filter(({ path }) => valueAt(draft.tree, path.split(".")) === undefined)];
  const trail: Draft[] = [];
  let draft = start;
  for (let [missing] = paths(); missing !== undefined; [missing] = paths()) {
    const question = questionAt(missing.path);
    if (question === undefined) throw new TypeError(`no question asks for ${missing.path}`);
    try {
      const next = await ask(demanded(question), situationOf(draft, ports), ports, signal);
      trail.push(draft);
      draft = next;
    } catch (error) {
      if (!(error instanceof StepBack)) throw error;
      draft = trail.pop() ?? draft;
    }
  }
  return draft;
}

function questionAt(path: string): Question | undefined {
  return questions.flatMap((step) => (step.kind !== "verify" && step.path === path ? [step] : []))[0];
}

/** A question whose answer is missing is asked in any case, and has to be answered: neither an empty line nor what the profile has anyway is left out. */
function demanded(question: Question): Question {
  const { when: _always, ...asked } = question;
  switch (asked.kind) {
    case "text": {
      const { optional: _never, fromProfile: _said, ...text } = asked;
      return text;
    }
    case "choice": {
      const { orSkip: _never, fromProfile: _said, ...choice } = asked;
      return choice;
    }
    case "secret": {
      const { orElse: _never, ...secret } = asked;
      return secret;
    }
    case "confirm":
      return asked;
    default:
      return assertNever(asked);
  }
}

function situationOf(draft: Draft, { hasEnvironment }: WizardPorts): Situation {
  return { draft, contexts: { names: [], current: undefined }, cluster: undefined, depth: "basic", hasEnvironment };
}

function asking(question: Question): WizardStep {
  return async (situation, ports, signal) =>
    question.depth === "more" && situation.depth === "basic" && !isWanted(question.path, situation, ports)
      ? situation
      : { ...situation, draft: await ask(question, situation, ports, signal) };
}

/** Asked however short a person wants it: what the release has people decide, and what answers of an earlier version did not know. */
function isWanted(path: string, { draft }: Situation, { release }: WizardPorts): boolean {
  return release?.asks.has(path) === true || draft.migrated?.added.some(({ answer }) => answer === path) === true;
}

const looking: WizardStep = async (situation, { offers, release, prompter }, signal) => ({
  ...situation,
  cluster: await look(situation, { offers, release, tell: (text) => prompter.tell(text) }, signal),
});

const chooseDepth: WizardStep = async (situation, { prompter }) => {
  const message = "Go through sizes, replicas, backups and optional parts too?";
  return { ...situation, depth: (await prompter.confirm({ message, default: situation.depth === "more" })) ? "more" : "basic" };
};

function verifying(step: VerifyStep): WizardStep {
  return async (start, ports, signal) => {
    let situation = start;
    for (;;) {
      const wrong = await step.run(situation, ports.checks, signal);
      if (wrong === undefined) return situation;
      ports.prompter.tell(`${step.about}: ${wrong}`);
      const asked = questions.flatMap((one) =>
        one.kind !== "verify" && step.paths.includes(one.path) && !situation.draft.fixed(one.path) ? [one] : [],
      );
      const message = `Answer again about ${step.about}? (no: keep the answers as they are)`;
      if (asked.length === 0 || !(await ports.prompter.confirm({ message, default: true }))) return situation;
      for (const question of asked) situation = { ...situation, draft: await ask(question, situation, ports, signal) };
    }
  };
}
