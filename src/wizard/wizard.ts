import type { Draft } from "../domain/answers/draft.ts";
import { missingFields } from "../domain/answers/missing.ts";
import { Problem } from "../domain/errors/problem.ts";
import type { ClusterOffer, ClusterOffers } from "../ports/cluster-offers.ts";
import { type AskPorts, ask } from "./ask.ts";
import { type Situation, textAt, type VerifyStep } from "./question.ts";
import { contextQuestion } from "./questions/cluster.ts";
import { questions } from "./questions.ts";

/** What the wizard needs: someone to ask, something to offer, and a way to judge answers. */
export interface WizardPorts extends AskPorts {
  readonly offers: ClusterOffers;
  readonly hasEnvironment: (name: string) => boolean;
}

/**
 * Asks everything that flags, environment, cluster and earlier answers do not settle; gives the draft with all answers.
 * @throws Problem CANCELLED
 */
export async function runWizard(start: Draft, ports: WizardPorts, signal: AbortSignal): Promise<Draft> {
  const contexts = await ports.offers.contexts();
  const bare: Situation = { draft: start, contexts, cluster: undefined, hasEnvironment: ports.hasEnvironment };
  const withContext: Situation = { ...bare, draft: await ask(contextQuestion, bare, ports, signal) };
  let situation: Situation = { ...withContext, cluster: await look(withContext, ports, signal) };
  const all = await ports.prompter.confirm({ message: "Go through sizes, backups and optional parts too?", default: false });
  for (const step of questions) {
    if (step.kind === "verify") situation = await verify(step, situation, ports, signal);
    else if (all || step.depth === "basic") situation = { ...situation, draft: await ask(step, situation, ports, signal) };
  }
  return askMissing(situation.draft, ports, signal);
}

/** Asks only for answers that are missing and have no default, until none is. @throws Problem CANCELLED */
export async function askMissing(start: Draft, ports: WizardPorts, signal: AbortSignal): Promise<Draft> {
  let situation: Situation = {
    draft: start,
    contexts: { names: [], current: undefined },
    cluster: undefined,
    hasEnvironment: ports.hasEnvironment,
  };
  for (let [missing] = missingFields(start); missing !== undefined; [missing] = missingFields(situation.draft)) {
    const question = questions.find((step) => step.kind !== "verify" && step.path === missing?.path);
    if (question === undefined || question.kind === "verify") throw new TypeError(`no question asks for ${missing.path}`);
    const { when: _always, ...asked } = question;
    situation = { ...situation, draft: await ask(asked, situation, ports, signal) };
  }
  return situation.draft;
}

/** A cluster that does not answer is no reason to stop: the wizard then asks without offering. */
async function look(situation: Situation, { offers, prompter }: WizardPorts, signal: AbortSignal): Promise<ClusterOffer | undefined> {
  if (situation.contexts.names.length === 0) {
    prompter.tell("No kubeconfig was found: going on without looking at a cluster.");
    return undefined;
  }
  try {
    const cluster = await offers.cluster(textAt(situation, "cluster.context"), signal);
    prompter.tell(`Kubernetes ${cluster.version} answers.`);
    return cluster;
  } catch (error) {
    if (!(error instanceof Problem) || error.exit === "cancelled") throw error;
    prompter.tell(`The cluster cannot be asked (${error.message}): going on without it.`);
    return undefined;
  }
}

async function verify(step: VerifyStep, start: Situation, ports: WizardPorts, signal: AbortSignal): Promise<Situation> {
  let situation = start;
  for (;;) {
    const wrong = await step.run(situation, ports.checks, signal);
    if (wrong === undefined) return situation;
    ports.prompter.tell(`${step.about}: ${wrong}`);
    const asked = questions.flatMap((one) =>
      one.kind !== "verify" && step.paths.includes(one.path) && !situation.draft.fixed(one.path) ? [one] : [],
    );
    const again =
      asked.length > 0 &&
      (await ports.prompter.confirm({ message: `Answer again about ${step.about}? (no: keep the answers as they are)`, default: true }));
    if (!again) return situation;
    for (const question of asked) situation = { ...situation, draft: await ask(question, situation, ports, signal) };
  }
}
