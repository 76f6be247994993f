import { Problem } from "../../domain/errors/problem.ts";
import type { Finding } from "../../domain/finding.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { Globals } from "../global-flags.ts";
import { mayAsk } from "../load-answers.ts";
import { concernsText } from "../presenters/finding.ts";
import { planText } from "../presenters/plan.ts";
import { createStyle } from "../presenters/style.ts";

/** What a person should know beside the plan: the size, and what the preflight found. */
export interface PlanContext {
  readonly profile: string | undefined;
  /** Empty where no preflight belongs to the workflow. */
  readonly findings: readonly Finding[];
}

/** Shows what the preflight found and the plan on stderr and, unless --yes was given, has `yes` typed. @throws Problem USAGE without a terminal, INSTALL_NOT_CONFIRMED */
export async function confirmPlan(plan: Plan, globals: Globals, context: PlanContext): Promise<void> {
  if (!globals.json && globals.logLevel !== "error") show(plan, globals, context);
  await confirmYes(globals);
}

/** Shows on stderr what is going to be done and, unless --yes was given, has `yes` typed. Throws as {@link confirmPlan}. */
export async function confirmList(heading: string, texts: readonly string[], globals: Globals): Promise<void> {
  if (!globals.json && globals.logLevel !== "error")
    process.stderr.write(`\n${[heading, ...texts.map((text) => `  ${text}`)].join("\n")}\n\n`);
  await confirmYes(globals);
}

async function confirmYes(globals: Globals): Promise<void> {
  if (globals.yes) return;
  if (!mayAsk(globals))
    throw new Problem("USAGE", {
      what: "the plan needs a person's yes, and there is no terminal to ask on",
      fix: "Look at the plan with --dry-run, then run the same command with --yes.",
    });
  const answer = await askFor(globals, "Type yes to carry this out:");
  if (answer !== "yes") throw new Problem("INSTALL_NOT_CONFIRMED", { what: `"${answer}" is not yes` });
}

/** Has the release's name typed (or takes --confirm) before data is deleted for good. @throws Problem UNINSTALL_NOT_CONFIRMED */
export async function confirmDeletion(plan: Plan, confirmed: string | undefined, globals: Globals, context: PlanContext): Promise<void> {
  const { name } = plan.release;
  if (confirmed === undefined && !globals.yes && mayAsk(globals)) {
    show(plan, globals, context);
    const answer = await askFor(globals, `All data of ${name} will be deleted for good. Type its name to go on:`);
    if (answer !== name) throw notConfirmed(name, answer);
    return;
  }
  if (confirmed !== name) throw notConfirmed(name, confirmed ?? "");
  if (!globals.yes) return confirmPlan(plan, globals, context);
}

/** Shows the plan and has the release's name typed (or takes --confirm) before what it serves is replaced. @throws Problem RESTORE_NOT_CONFIRMED */
export async function confirmByName(plan: Plan, confirmed: string | undefined, globals: Globals, context: PlanContext): Promise<void> {
  const { name } = plan.release;
  if (!globals.json && globals.logLevel !== "error") show(plan, globals, context);
  await confirmName(name, confirmed, globals, `The database of ${name} will be replaced. Type its name to go on:`);
}

/** Has a release's name typed, or takes --confirm. @throws Problem RESTORE_NOT_CONFIRMED */
export async function confirmName(name: string, confirmed: string | undefined, globals: Globals, message: string): Promise<void> {
  const given = confirmed === undefined && !globals.yes && mayAsk(globals) ? await askFor(globals, message) : confirmed;
  if (given === name) return;
  throw new Problem("RESTORE_NOT_CONFIRMED", {
    what: given === undefined ? `the release's name, ${name}, was not given` : `"${given}" is not the release's name, ${name}`,
    fix: `Run the same command with: --yes --confirm ${name}`,
  });
}

function show(plan: Plan, globals: Globals, { profile, findings }: PlanContext): void {
  const style = createStyle(globals.color);
  const parts = [concernsText(findings, style), planText(plan, style, profile)];
  process.stderr.write(`\n${parts.filter((part) => part !== "").join("\n\n")}\n\n`);
}

/** Asks for one line on this terminal. @throws Problem CANCELLED */
export async function askFor(globals: Globals, message: string): Promise<string> {
  const { createPrompter } = await import("../../ui/prompts.ts");
  return await globals.progress.ask((output) => createPrompter(globals.signal, { output }).text({ message, check: () => undefined }));
}

function notConfirmed(name: string, given: string): Problem {
  const what = given === "" ? `the release's name, ${name}, was not given` : `"${given}" is not the release's name, ${name}`;
  return new Problem("UNINSTALL_NOT_CONFIRMED", { what, fix: `Run: migratectl uninstall --delete-data --yes --confirm ${name}` });
}
