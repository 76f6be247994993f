import type { FieldPath } from "../../domain/answers/fields.ts";
import { agentPoolCost, optionalParts, replicasCost, sentinelCost } from "../../domain/answers/part-costs.ts";
import { costText } from "../cost-text.ts";
import { profileAt, sizesAt } from "../profile.ts";
import { answerAt, type Question, type Situation } from "../question.ts";

/** A trial has one of everything; who decided otherwise before is asked again. */
const worthAsking = (path: FieldPath) => (situation: Situation) =>
  profileAt(situation) !== "trial" || answerAt(situation, path) !== undefined;

/** What makes an installation larger than its profile, or smaller: each with what it costs. */
export const partQuestions: readonly Question[] = [
  {
    kind: "choice",
    path: "postgres.replicas",
    depth: "more",
    message: "Read replicas of Postgres",
    hint: "they take vector searches off the primary",
    when: worthAsking("postgres.replicas"),
    choices: (situation) =>
      // Words, because a digit pressed in a list picks the choice of that position.
      ["none", "one", "two"].map((name, count) => ({
        value: String(count),
        name,
        ...(count === 0 ? {} : { description: `${costText(replicasCost(profileAt(situation), count, sizesAt(situation)))} more` }),
      })),
    suggest: (situation) => String(optionalParts[profileAt(situation)].postgresReplica.count),
    fromProfile: true,
  },
  {
    kind: "choice",
    path: "redis.sentinel",
    depth: "more",
    message: "Redis servers",
    hint: "queues and state of the crews",
    when: worthAsking("redis.sentinel"),
    choices: (situation) => [
      { value: "false", name: "one", description: "work waits while it is moved or restarted" },
      {
        value: "true",
        name: "three with Sentinel",
        description: `another takes over; ${costText(sentinelCost(profileAt(situation), sizesAt(situation)))} more`,
      },
    ],
    suggest: (situation) => String(optionalParts[profileAt(situation)].redis.sentinel),
    fromProfile: true,
  },
  {
    kind: "choice",
    path: "features.agentPool",
    depth: "more",
    message: "Agent pool beside the workers?",
    hint: "runs more crews at once",
    when: worthAsking("features.agentPool"),
    choices: (situation) => [
      { value: "false", name: "no" },
      { value: "true", name: "yes", description: poolText(situation) },
    ],
    suggest: (situation) => String(optionalParts[profileAt(situation)].agentPool.enabled),
    fromProfile: true,
  },
];

function poolText(situation: Situation): string {
  const { rest, busy } = agentPoolCost(profileAt(situation));
  const [least, most] = [costText(rest), costText(busy)];
  return least === most ? `${least} more` : `${least} more at rest; ${most} when busy`;
}
