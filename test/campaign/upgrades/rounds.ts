import { Dice } from "../dice.ts";
import { moments, type Place } from "../rounds.ts";

/**
 * What goes wrong in a round.
 * - `image-missing`: an image of the new release is gone from the registry and the node; `image-crashes`: its backend ends at once.
 * - `migration-fails`: a statement in the middle of the migration; `migration-hangs`: a transaction holds the lock that it needs.
 * - `quota`: no further pod is admitted; `policy`: an admission policy denies the new image; `webhook`: one that fails closed is down.
 * - `drain`: the node is cordoned and its pods are evicted; `disk-full`: the volume of Postgres.
 * - `api-killed`: kill -9 of the API server, which is started again; `api-gone`: it refuses connections for a minute; `killed`: kill -9 of migratectl.
 */
export const faults = [
  "image-missing",
  "image-crashes",
  "migration-fails",
  "migration-hangs",
  "quota",
  "policy",
  "webhook",
  "drain",
  "disk-full",
  "api-killed",
  "api-gone",
  "killed",
] as const;
/** What goes wrong in a round. */
export type Fault = (typeof faults)[number];

/** One round, decided by seed and number alone. */
export interface UpgradeRound {
  readonly number: number;
  readonly fault: Fault;
  /** Where in the upgrade it begins; `image-crashes` is there from the start. */
  readonly place: Place;
  /** Seconds that it lasts where it goes away by itself; the others last until the command has ended. */
  readonly seconds: number;
}

/** What a campaign is to consist of; what is absent is chosen by the seed. */
export interface UpgradeCampaign {
  readonly seed: number;
  readonly fault?: Fault | undefined;
  readonly action?: string | undefined;
}

/** Faults that pass, whatever the command does meanwhile. */
export const passing: ReadonlySet<Fault> = new Set(["drain", "disk-full", "api-killed", "api-gone", "killed"]);

/** The actions, in the order of the plan, in which a fault can do harm. */
function harmed(fault: Fault, actions: readonly string[]): readonly string[] {
  const [push, apply, rollout] = ["push", "apply", "rollout"].map((id) => actions.indexOf(id));
  if (push === undefined || apply === undefined || rollout === undefined) return actions;
  if (fault === "image-crashes") return actions.slice(0, 1);
  if (fault === "image-missing") return actions.slice(push + 1, rollout + 1);
  if (fault === "migration-fails" || fault === "migration-hangs" || fault === "policy") return actions.slice(0, apply + 1);
  return actions;
}

/** Every fault at every action that it can harm, in the seed's order; the first of them are one of each fault. */
export function pairsOf({ seed, fault, action }: UpgradeCampaign, actions: readonly string[]): readonly (readonly [Fault, string])[] {
  const chosen = faults.filter((one) => fault === undefined || one === fault);
  const rows = chosen.map((one) => {
    const places = harmed(one, actions).filter((id) => action === undefined || id === action);
    return new Dice(seed, `places of ${one}`).shuffled(places).map((id) => [one, id] as const);
  });
  const longest = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: longest }, (_, column) => {
    const pairs = rows.flatMap((row) => row.slice(column, column + 1));
    return new Dice(seed, `faults ${column}`).shuffled(pairs);
  }).flat();
}

/** The round of that number (from 1). @throws RangeError when there is none */
export function upgradeRound(campaign: UpgradeCampaign, actions: readonly string[], number: number): UpgradeRound {
  const pairs = pairsOf(campaign, actions);
  const pair = pairs[(number - 1) % Math.max(1, pairs.length)];
  if (pair === undefined) throw new RangeError(`no action ${campaign.action ?? ""} in the plan (${actions.join(", ")})`);
  const [fault, action] = pair;
  const dice = new Dice(campaign.seed, `round ${number}`);
  // What lasts stands before the action begins; what passes hits it at any moment.
  const moment = passing.has(fault) ? dice.one(moments) : "before";
  return { number, fault, place: { action, moment, depth: dice.fraction() }, seconds: dice.between(40, 70) };
}

/** The round in a few words. */
export const upgradeRoundInWords = ({ fault, place, seconds }: UpgradeRound): string =>
  `${fault} ${place.moment} ${place.action}${passing.has(fault) && fault !== "killed" && fault !== "api-killed" ? `, ${seconds} s` : ""}`;
