import type { Draft } from "../../domain/answers/draft.ts";
import type { NeededAnswer } from "../../domain/answers/needed.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { Release } from "../../domain/release/release.ts";
import type { AnswerChecks } from "../../ports/answer-checks.ts";
import type { ClusterOffers } from "../../ports/cluster-offers.ts";
import { type Prompter, StepBack } from "../../ports/prompter.ts";
import { lookUnasked } from "../../wizard/look.ts";
import { runWizard, type WizardPorts, askMissing as wizardAskMissing } from "../../wizard/wizard.ts";
import type { ConfigurePorts } from "../../workflow/configure/configure.ts";
import { type ReleaseAdvice, releaseAdvice } from "../../workflow/configure/release-advice.ts";
import { readRelease } from "../../workflow/release/read-release.ts";
import type { Globals } from "../global-flags.ts";
import { changesText } from "../presenters/configure.ts";
import { createStyle } from "../presenters/style.ts";
import { bundlePorts } from "./bundle.ts";
import { surroundings } from "./connect.ts";
import { reachableRegistry, registryReader } from "./registry.ts";

/** The release that a bundle says it carries. @throws Problem BUNDLE_*, FILE_UNREADABLE */
export async function bundledRelease(path: string, globals: Globals): Promise<Release> {
  return await readRelease((await bundlePorts(globals)).bundles, path, globals.signal);
}

/**
 * The wizard on this terminal, for a release where one is named; with `interactive` off nobody is asked, and answers are written without a
 * question.
 */
export async function configurePorts(globals: Globals, interactive: boolean, release: Release | undefined): Promise<ConfigurePorts> {
  const { createWorkFolder } = await import("../../adapters/node/work-folder.ts");
  const folder = createWorkFolder(".");
  const advice = release === undefined ? undefined : releaseAdvice(release);
  if (!interactive) return { folder, ask: (draft) => unasked(draft, globals, advice), confirm: async () => "write" };
  const ports = { ...(await wizardPorts(globals)), release: advice };
  ports.prompter.tell("Enter takes the answer in brackets, Esc goes back one question, Ctrl-C stops.");
  return {
    folder,
    ask: (draft, signal) => runWizard(draft, ports, signal),
    async confirm(path, changes, answers) {
      const trial = answers.profile === "trial" ? "\n  Profile trial is for evaluation only." : "";
      ports.prompter.tell(`\n${changesText(changes, createStyle(globals.color))}${trial}\n`);
      return await review(path, ports.prompter);
    },
  };
}

/** The answers as they are, with what the release has against their cluster told. */
async function unasked(draft: Draft, globals: Globals, release: ReleaseAdvice | undefined): Promise<Draft> {
  if (release === undefined) return draft;
  const tell = (text: string) => globals.progress.tell({ kind: "note", text });
  await lookUnasked(draft, { offers: await clusterOffers(globals), release, tell }, globals.signal);
  return draft;
}

async function review(path: string, prompter: Prompter): Promise<"write" | "again" | "leave"> {
  try {
    return await prompter.choose<"write" | "again" | "leave">({
      message: `Write these answers to ${path}?`,
      choices: [
        { value: "write", name: "yes" },
        { value: "again", name: "go through the questions again", description: "these answers stand as suggestions" },
        { value: "leave", name: "no", description: "nothing is written, and the answers are lost" },
      ],
      default: "write",
    });
  } catch (error) {
    if (error instanceof StepBack) return "again";
    throw error;
  }
}

/** Asks on this terminal for the answers without which a command cannot go on. @throws Problem CANCELLED, ANSWERS_MISSING for one that no question asks for */
export async function askMissing(draft: Draft, needed: readonly NeededAnswer[], globals: Globals): Promise<Draft> {
  return wizardAskMissing(draft, await wizardPorts(globals), globals.signal, needed);
}

async function wizardPorts(globals: Globals): Promise<WizardPorts> {
  // The prompts' library knows --no-color by this variable only, and reads it when it is loaded.
  if (!globals.color) process.env["NO_COLOR"] = "1";
  const { createPrompter } = await import("../../ui/prompts.ts");
  return {
    prompter: createPrompter(globals.signal, { back: true }),
    offers: await clusterOffers(globals),
    checks: await answerChecks(globals),
    hasEnvironment: (name) => (process.env[name] ?? "") !== "",
  };
}

async function clusterOffers(globals: Globals): Promise<ClusterOffers> {
  const { createClusterOffers } = await import("../../adapters/kubernetes/offers.ts");
  const { proxies } = await surroundings(globals);
  return createClusterOffers({ kubeconfig: globals.kubeconfig, environment: process.env["KUBECONFIG"], proxies });
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
