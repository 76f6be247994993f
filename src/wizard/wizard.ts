import type { Draft } from "../domain/answers/draft.ts";
import { missingFields } from "../domain/answers/missing.ts";
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

/** Asks only for answers that are missing and have no default, until none is. @throws Problem CANCELLED */
export async function askMissing(start: Draft, ports: WizardPorts, signal: AbortSignal): Promise<Draft> {
  const trail: Draft[] = [];
  let draft = start;
  for (let [missing] = missingFields(draft); missing !== undefined; [missing] = missingFields(draft)) {
    const question = questions.find((step) => step.kind !== "verify" && step.path === missing?.path);
    if (question === undefined || question.kind === "verify") throw new TypeError(`no question asks for ${missing.path}`);
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

/** A question whose answer is missing is asked in any case, and an empty line is no answer to it. */
function demanded(question: Question): Question {
  const { when: _always, ...asked } = question;
  if (asked.kind !== "text") return asked;
  const { optional: _never, ...text } = asked;
  return text;
}

function situationOf(draft: Draft, { hasEnvironment }: WizardPorts): Situation {
  return { draft, contexts: { names: [], current: undefined }, cluster: undefined, depth: "basic", hasEnvironment };
}

function asking(question: Question): WizardStep {
  return async (situation, ports, signal) =>
    question.depth === "more" && situation.depth === "basic" && ports.release?.asks.has(question.path) !== true
      ? situation
      : { ...situation, draft: await ask(question, situation, ports, signal) };
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
