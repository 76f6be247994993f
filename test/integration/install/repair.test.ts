import { afterAll, beforeAll, expect, it } from "vitest";
import type { Helm } from "../../../src/ports/helm.ts";
import { repairRelease } from "../../../src/workflow/steps/repair-release.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { HelmPlane } from "../helm/helm-plane.ts";
import { describeEachHelm } from "../helm/helms.ts";

const signal = new AbortController().signal;
let plane: HelmPlane;

beforeAll(async () => {
  plane = await HelmPlane.start("repair-test");
}, 180_000);
afterAll(() => plane?.stop());

/** `ours`: the newest revision before the run that was killed. */
async function repair(helm: Helm, namespace: string, ours = 0): Promise<void> {
  const clock = new HeldClock();
  await clock.during(
    repairRelease(helm, { name: "r", namespace, ours }, { clock, signal, advance: () => undefined, note: () => undefined }),
  );
}

describeEachHelm("repairing a release that a killed helm left behind", ({ major, binary }) => {
  let helm: Helm;
  beforeAll(() => {
    helm = plane.helm(binary);
  });

  it("a first installation that hung in its hook can be applied again, and Helm's history is whole", async () => {
    const render = await plane.renderIn(`first-${major}`, { hook: true });
    await plane.killInTheMiddle(render, "pending-install", binary);
    await repair(helm, render.namespace);
    const applied = await helm.apply({ ...render, values: "text: after\n" }, signal);
    expect(applied.status).toBe("deployed");
    expect(await helm.manifest("r", render.namespace, signal)).toContain("after");
    expect((await helm.history("r", render.namespace, signal)).map(({ revision }) => revision)).toEqual([1, 2, 3]);
  });

  it("an upgrade that hung in its hook can be applied again", async () => {
    const render = await plane.renderIn(`second-${major}`, { text: "before" });
    await helm.apply(render, signal);
    await plane.killInTheMiddle({ ...render, values: "hook: true\n" }, "pending-upgrade", binary);
    await repair(helm, render.namespace, 1);
    expect((await helm.apply({ ...render, values: "text: after\n" }, signal)).status).toBe("deployed");
    expect(await helm.manifest("r", render.namespace, signal)).toContain("after");
  });

  it("a release that is not locked is left as it is", async () => {
    const render = await plane.renderIn(`third-${major}`, { text: "before" });
    await helm.apply(render, signal);
    await repair(helm, render.namespace);
    expect((await helm.history("r", render.namespace, signal)).map(({ status }) => status)).toEqual(["deployed"]);
  });
});
