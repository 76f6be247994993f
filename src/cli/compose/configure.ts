import type { Draft } from "../../domain/answers/draft.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { AnswerChecks } from "../../ports/answer-checks.ts";
import { runWizard, type WizardPorts, askMissing as wizardAskMissing } from "../../wizard/wizard.ts";
import type { ConfigurePorts } from "../../workflow/configure.ts";
import type { Globals } from "../global-flags.ts";
import { changesText } from "../presenters/configure.ts";
import { createStyle } from "../presenters/style.ts";
import { surroundings } from "./connect.ts";
import { reachableRegistry, registryReader } from "./registry.ts";

/** The wizard on this terminal; with `interactive` off nobody is asked, and answers are written without a question. */
export async function configurePorts(globals: Globals, interactive: boolean): Promise<ConfigurePorts> {
  const { createWorkFolder } = await import("../../adapters/node/work-folder.ts");
  const folder = createWorkFolder(".");
  if (!interactive) return { folder, ask: async (draft) => draft, confirm: async () => true };
  const ports = await wizardPorts(globals);
  return {
    folder,
    ask: (draft, signal) => runWizard(draft, ports, signal),
    confirm(path, changes, answers) {
      const trial = answers.profile === "trial" ? "\n  Profile trial is for evaluation only." : "";
      ports.prompter.tell(`\n${changesText(changes, createStyle(globals.color))}${trial}\n`);
      return ports.prompter.confirm({ message: `Write these answers to ${path}?`, default: true });
    },
  };
}

/** Asks on this terminal for the answers without which a command cannot go on. @throws Problem CANCELLED */
export async function askMissing(draft: Draft, globals: Globals): Promise<Draft> {
  return wizardAskMissing(draft, await wizardPorts(globals), globals.signal);
}

async function wizardPorts(globals: Globals): Promise<WizardPorts> {
  const { createPrompter } = await import("../../ui/prompts.ts");
  const { createClusterOffers } = await import("../../adapters/kubernetes/offers.ts");
  const { proxies } = await surroundings(globals);
  return {
    prompter: createPrompter(globals.signal),
    offers: createClusterOffers({ kubeconfig: globals.kubeconfig, environment: process.env["KUBECONFIG"], proxies }),
    checks: await answerChecks(globals),
    hasEnvironment: (name) => (process.env[name] ?? "") !== "",
  };
}

async function answerChecks(globals: Globals): Promise<AnswerChecks> {
  const { fileChecks } = await import("../../adapters/node/answer-checks.ts");
  const reader = await registryReader(globals);
  return {
    ...fileChecks(() => new Date()),
    async registry(registry, signal) {
      // A password in a Secret of the cluster cannot be tried here; preflight and install do.
      if (registry.password !== undefined && "secret" in registry.password) return undefined;
      try {
        const reading = await reader.probe(await reachableRegistry(registry, globals), signal);
        return reading.kind === "refused" ? `${reading.what}. ${reading.fix}` : undefined;
      } catch (error) {
        if (error instanceof Problem && error.exit !== "cancelled") return `${error.message}. ${error.fix}`;
        throw error;
      }
    },
  };
}
