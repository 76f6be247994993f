import type { CauseCard } from "../../domain/rollout/cause.ts";
import { causeKey, patience } from "../../domain/rollout/hopeless.ts";

/** A cause as it was first seen in a row of looks. */
interface Sight {
  /** Milliseconds of our clock. */
  readonly at: number;
  /** Milliseconds of the cluster's clock at which Kubernetes had last tried. */
  readonly tried: number | undefined;
  /** True once Kubernetes has tried again, and failed again, since then. */
  readonly again: boolean;
}

/**
 * Tells from look to look which root cause has stayed so long that waiting is pointless. Kubernetes tries again ever more seldom (an image
 * after 5 minutes, refused pods after 16), and until then shows the old failure: what may have been mended meanwhile counts only once it
 * has failed anew.
 */
export class Patience {
  private readonly sights = new Map<string, Sight>();
  private readonly times: number;

  /** `times`: how many times as long as usual a cause has to stay. */
  constructor(times = 1) {
    this.times = times;
  }

  /** The first root cause whose time is over; forgets those that went away. `now` is in milliseconds. */
  exhausted(cards: readonly CauseCard[], now: number): CauseCard | undefined {
    const keys = new Set(cards.map(causeKey));
    for (const key of this.sights.keys()) if (!keys.has(key)) this.sights.delete(key);
    for (const card of cards) this.see(card, now);
    return cards.find((card) => {
      const seconds = patience(card.cause);
      // A job that gave up does not try again, whatever it was that it waited for.
      if (seconds === undefined || (card.consequenceOf.length > 0 && card.cause.kind !== "job-failed")) return false;
      const sight = this.sights.get(causeKey(card));
      return sight?.again === true && now - sight.at >= seconds * this.times * 1000;
    });
  }

  private see(card: CauseCard, now: number): void {
    const key = causeKey(card);
    const tried = card.cause.kind === "job-failed" ? undefined : card.since?.getTime();
    const before = this.sights.get(key);
    if (before === undefined) this.sights.set(key, { at: now, tried, again: tried === undefined });
    else if (!before.again && tried !== before.tried) this.sights.set(key, { ...before, again: true });
  }
}
