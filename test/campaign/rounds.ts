import { Dice } from "./dice.ts";

/** When a process is struck, seen from one action of its plan. */
export const moments = ["before", "during", "after"] as const;
/** Before it began (the one before it is done), while the journal says that it runs, just after the journal said that it is done. */
type Moment = (typeof moments)[number];

/** Signals that end a process. */
export const signals = ["KILL", "INT", "TERM"] as const;
/** A signal that ends a process. */
type Signal = (typeof signals)[number];

/**
 * What happens in a round. `cut`: the process is ended. `lost`, `torn`: ended, and its run directory is deleted or half written.
 * `power`: ended, the run directory is deleted, and the command is run again by a machine that knows nothing of the old process.
 * `stall`, `drop`, `refuse`: the API server takes connections and says nothing, cannot be reached, or refuses connections for a while.
 */
export const kinds = ["cut", "lost", "torn", "power", "stall", "drop", "refuse"] as const;
/** What happens in a round. */
export type Kind = (typeof kinds)[number];

/** A moment of a run. */
export interface Place {
  readonly action: string;
  readonly moment: Moment;
  /** How far into the action, 0 to 1 of the time it usually takes; the action's end ends the wait. */
  readonly depth: number;
}

/** The end of a process. */
export interface Strike {
  readonly place: Place;
  readonly signal: Signal;
  /** `process` leaves a helm that it started alive, as the kernel's out-of-memory killer does. */
  readonly reach: "group" | "process";
}

/** One round, decided by seed and number alone. */
export interface Round {
  readonly number: number;
  readonly kind: Kind;
  readonly strike: Strike;
  /** Seconds that an outage lasts. */
  readonly outageSeconds: number;
  /** Second strike, in the run that goes on. */
  readonly again: Strike | undefined;
  /** Struck, too, while the release is taken down: share of its actions that are done by then. */
  readonly uninstallStrike: number | undefined;
}

/** What a campaign is to consist of; what is absent is chosen by the seed. */
export interface Campaign {
  readonly seed: number;
  readonly action?: string | undefined;
  readonly signal?: Signal | undefined;
  readonly kind?: Kind | undefined;
}

/** True for what leaves the process alive and takes the API server away. */
export function isOutage(kind: Kind): kind is "stall" | "drop" | "refuse" {
  return kind === "stall" || kind === "drop" || kind === "refuse";
}

/** Actions in which there is something for an outage to hit. */
const longActions = new Set(["push", "secrets", "apply", "rollout", "smoke"]);

/**
 * The round of that number (from 1). All pairs of action and moment come once before any comes again, in the seed's order; after every
 * third of them stands a round of another kind.
 * @throws RangeError when the filters leave nothing
 */
export function roundOf(campaign: Campaign, actions: readonly string[], number: number): Round {
  const { seed } = campaign;
  const chosen = actions.filter((action) => campaign.action === undefined || action === campaign.action);
  if (chosen.length === 0) throw new RangeError(`the plan has no action ${campaign.action}; it has ${actions.join(", ")}`);
  const dice = new Dice(seed, `round ${number}`);
  const other = campaign.kind === undefined ? number % 4 === 0 : campaign.kind !== "cut";
  const kind = campaign.kind ?? (other ? turn(seed, "kinds", kinds.slice(1), number / 4) : "cut");
  const pairs = chosen.flatMap((action) => moments.map((moment) => ({ action, moment })));
  const pair =
    campaign.kind === undefined ? turn(seed, "pairs", pairs, number - Math.floor(number / 4)) : turn(seed, "pairs", pairs, number);
  const usable = chosen.filter((action) => longActions.has(action));
  const place = isOutage(kind)
    ? { action: dice.one(usable.length === 0 ? chosen : usable), moment: "during" as const }
    : other
      ? { action: dice.one(chosen), moment: dice.one(moments) }
      : pair;
  const strike = strikeAt({ ...place, depth: dice.fraction() }, campaign, dice);
  return {
    number,
    kind,
    // What is called a power cut gives no process the time to end by itself.
    strike: kind === "power" ? { ...strike, signal: "KILL", reach: "group" } : strike,
    outageSeconds: dice.between(10, 20),
    // What an outage does not stop comes to its end, and what it stops is struck once.
    again: dice.chance(1 / 3) && !isOutage(kind) ? secondStrike(place.action, actions, campaign, dice) : undefined,
    uninstallStrike: dice.chance(1 / 3) ? dice.fraction() : undefined,
  };
}

/** Somewhere from the action on in which the first run ended: what is before is not run again. */
function secondStrike(from: string, actions: readonly string[], campaign: Campaign, dice: Dice): Strike {
  const action = dice.one(actions.slice(Math.max(0, actions.indexOf(from))));
  return strikeAt({ action, moment: dice.one(["before", "during"]), depth: dice.fraction() }, campaign, dice);
}

function strikeAt(place: Place, { signal }: Campaign, dice: Dice): Strike {
  const chosen = signal ?? dice.one(["KILL", "KILL", "KILL", "INT", "TERM"]);
  // A terminal sends Ctrl-C to the whole group.
  return { place, signal: chosen, reach: chosen !== "INT" && dice.chance(1 / 4) ? "process" : "group" };
}

/** The n-th (from 1) of the items in the seed's order, which is another one each time around. */
function turn<T>(seed: number, purpose: string, items: readonly T[], n: number): T {
  const lap = Math.floor((n - 1) / items.length);
  const item = new Dice(seed, `${purpose} ${lap}`).shuffled(items)[(n - 1) % items.length];
  if (item === undefined) throw new RangeError("nothing to choose from");
  return item;
}

/** The round in one line: what is done to which run where. */
export function inWords({ kind, strike, outageSeconds, again, uninstallStrike }: Round): string {
  const first = isOutage(kind)
    ? `${kind} for ${outageSeconds} s ${placeText(strike.place)}`
    : `${strikeText(strike)}${kind === "cut" ? "" : ` + ${kind}`}`;
  return [
    first,
    ...(again === undefined ? [] : [`then ${strikeText(again)}`]),
    ...(uninstallStrike === undefined ? [] : ["KILL in uninstall"]),
  ].join(", ");
}

function strikeText({ signal, reach, place }: Strike): string {
  return `${signal}${reach === "process" ? " (process alone)" : ""} ${placeText(place)}`;
}

function placeText({ action, moment }: Place): string {
  return `${moment} ${action}`;
}
