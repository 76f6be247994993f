import { createHash } from "node:crypto";

/** Throws that can be repeated: the same seed and purpose give the same numbers, whatever was thrown for other purposes. */
export class Dice {
  private readonly name: string;
  private count = 0;

  constructor(seed: number, purpose: string) {
    this.name = `${seed}/${purpose}`;
  }

  /** A number from 0 up to, but not, 1. */
  fraction(): number {
    this.count += 1;
    return createHash("sha256").update(`${this.name}/${this.count}`).digest().readUInt32BE() / 2 ** 32;
  }

  /** True with that probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A whole number between the two, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** One of them. @throws RangeError when there is none */
  one<T>(choices: readonly T[]): T {
    const chosen = choices[Math.floor(this.fraction() * choices.length)];
    if (chosen === undefined) throw new RangeError("nothing to choose from");
    return chosen;
  }

  /** All of them in another order. */
  shuffled<T>(items: readonly T[]): readonly T[] {
    return items
      .map((item) => ({ item, at: this.fraction() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ item }) => item);
  }
}
