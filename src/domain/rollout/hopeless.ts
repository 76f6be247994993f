import { assertNever } from "../assert-never.ts";
import type { Cause, CauseCard } from "./cause.ts";

/** Restarts after which a crash loop counts as one. */
const enoughRestarts = 3;

/** Seconds a cause must stay before the rollout is given up: it will not heal by itself, but a late Secret or image might still arrive. */
export function patience(cause: Cause): number | undefined {
  switch (cause.kind) {
    case "image-pull":
      return cause.problem === "unreachable" || cause.problem === "other" ? undefined : 30;
    case "config-missing":
    case "start-refused":
      return 30;
    case "refused":
      return cause.by === "webhook" || cause.by === "other" ? undefined : 30;
    case "volume":
      return cause.problem === "class-missing" || cause.problem === "no-default-class" || cause.problem === "claim-lost" ? 30 : undefined;
    case "crash":
      return cause.restarts >= enoughRestarts ? 30 : undefined;
    case "probe":
      return cause.restarts >= enoughRestarts ? 30 : undefined;
    case "job-failed":
      return 5;
    case "scheduling":
    case "init-waiting":
    case "node-lost":
    case "evicted":
    case "waiting-for":
    case "progressing":
      return undefined;
    default:
      return assertNever(cause);
  }
}

/** Names a cause over time: the same trouble of the same workload, whichever pod shows it. */
export function causeKey(card: CauseCard): string {
  const detail = "problem" in card.cause ? card.cause.problem : "by" in card.cause ? card.cause.by : "";
  return `${card.workload.kind}/${card.workload.name}:${card.cause.kind}:${detail}`;
}
