import { describe, expect, it } from "vitest";
import { workflow } from "../../../src/workflow/run/step.ts";
import { partStep, type Start, Workshop } from "./rig.ts";

describe("the order of steps", () => {
  const base = partStep(new Workshop(), "base");
  const walls = partStep<Start & { base: string }, "walls">(new Workshop(), "walls");

  it("compiles when every step comes after what it needs", () => {
    const { steps } = workflow<Start>("install").step(base).step(walls);
    expect(steps.map(({ id }) => id)).toEqual(["base", "walls"]);
  });

  it("does not compile when a step comes before what it needs, which only the types can tell", () => {
    // @ts-expect-error `walls` needs what `base` gives
    const turned = workflow<Start>("install").step(walls).step(base);
    // @ts-expect-error a workflow whose start lacks what the step describes itself from
    const unfit = workflow<{ readonly namespace: string }>("install").step(base);
    expect([turned.steps.length, unfit.steps.length]).toEqual([2, 1]);
  });
});
