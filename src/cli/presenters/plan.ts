import { z } from "zod";
import type { Plan, PlannedAction } from "../../domain/plan/plan.ts";
import { formatBytes, formatSeconds } from "../../domain/units.ts";
import { profilePhrase } from "./profile.ts";
import { type Style, table } from "./style.ts";

/** What each action of a plan took, in the order they were carried out; empty of a dry run. */
export const actionTimesSchema = z.array(z.strictObject({ id: z.string(), seconds: z.number() }));

/** Objects named under one action; the rest are counted. */
const shownTouches = 3;

/** The plan as people read it: every action in order, what it costs, what undoing it means, and under it what it touches. */
export function planText(plan: Plan, style: Style, profile?: string): string {
  const { name, namespace, version } = plan.release;
  const seconds = plan.actions.reduce((sum, action) => sum + action.seconds, 0);
  const title = `${style.bold(`Plan: ${plan.workflow} ${name}${version === "" ? "" : ` ${version}`}`)} in namespace ${namespace}${profilePhrase(profile, style)}, about ${formatSeconds(seconds)}`;
  const rows = plan.actions.map((action, index) => [String(index + 1).padStart(2), action.title, cost(action), `undo: ${action.undo}`]);
  const lines = table(rows).split("\n");
  return [title, ...plan.actions.flatMap((action, index) => [lines[index] ?? "", ...touches(action, style)])].join("\n");
}

function touches({ touches: all }: PlannedAction, style: Style): readonly string[] {
  if (all.length === 0) return [];
  const more = all.length - shownTouches;
  return [style.dim(`      ${all.slice(0, shownTouches).join(", ")}${more > 0 ? ` and ${more} more` : ""}`)];
}

function cost({ bytes, seconds }: PlannedAction): string {
  return `${formatSeconds(seconds)}${bytes >= 1e6 ? `, ${formatBytes(bytes)}` : ""}`;
}
