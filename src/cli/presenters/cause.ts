import { z } from "zod";
import type { CauseCard } from "../../domain/rollout/cause.ts";
import type { Style } from "./style.ts";

/** One root-cause card in JSON. */
export const causeSchema = z.strictObject({
  component: z.string(),
  workload: z.string(),
  ready: z.int(),
  wanted: z.int(),
  object: z.string(),
  reason: z.string(),
  kind: z.string(),
  what: z.string(),
  fix: z.string(),
  lines: z.array(z.string()),
  since: z.string().optional(),
  consequenceOf: z.array(z.string()),
});

/** The card as the schema has it. */
export function causeJson(card: CauseCard): z.infer<typeof causeSchema> {
  const { component, workload, ready, wanted, object, reason, cause, what, fix, lines, since, consequenceOf } = card;
  return {
    component,
    workload: `${workload.kind}/${workload.name}`,
    ready,
    wanted,
    object,
    reason,
    kind: cause.kind,
    what,
    fix,
    lines: [...lines],
    ...(since === undefined ? {} : { since: since.toISOString() }),
    consequenceOf: [...consequenceOf],
  };
}

/** The card as people read it: what, the object and Kubernetes' word, last lines, fix. A consequence is one line. */
export function causeText(card: CauseCard, style: Style): string {
  if (card.consequenceOf.length > 0)
    return `${style.yellow("follows")}  ${style.bold(card.component)}  ${card.what} ${style.dim(`(waits for ${card.consequenceOf.join(", ")})`)}`;
  return [
    `${style.red("cause")}  ${style.bold(card.component)}  ${card.what}`,
    style.dim(`  on   ${card.object} (${card.reason})`),
    ...card.lines.slice(-6).map((line) => style.dim(`  log  ${line}`)),
    `  fix  ${card.fix}`,
  ].join("\n");
}
