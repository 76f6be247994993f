import { describe, expect, it } from "vitest";
import { Power } from "../../fakes/power.ts";
import { Rig } from "./rig.ts";

const chartLabels = { "app.kubernetes.io/instance": "shop" };

/** An installed release with a claim, as the StatefulSet controller leaves it behind. */
async function installed(): Promise<Rig> {
  const rig = new Rig();
  await rig.install().outcome;
  rig.objects.place("shop", "PersistentVolumeClaim", "data-postgres-0", chartLabels, { size: "200Gi" });
  rig.objects.place("shop", "Job", "migrations-1", chartLabels);
  return rig;
}

describe("an uninstall", () => {
  it("takes the release down and keeps claims, secrets and record, and says so", async () => {
    const rig = await installed();
    const { kind, kept } = await rig.uninstall().outcome;
    expect(kind).toBe("uninstalled");
    expect(kept).toEqual(expect.arrayContaining(["PersistentVolumeClaim/data-postgres-0 (200Gi)", "Secret/postgres-credentials"]));
    expect(rig.helm.done).toEqual(["apply", "uninstall"]);
    expect(rig.record().entries.map(({ workflow, version }) => [workflow, version])).toEqual([
      ["install", "1.0.0"],
      ["uninstall", "1.0.0"],
    ]);
    expect(await rig.objects.listLabelled("shop", "Job", chartLabels)).toEqual([]);
  });

  it("done twice does nothing the second time", async () => {
    const rig = await installed();
    await rig.uninstall().outcome;
    const snapshot = rig.objects.snapshot();
    expect((await rig.uninstall().outcome).kind).toBe("nothing");
    expect(rig.objects.snapshot()).toEqual(snapshot);
  });

  it("where nothing was ever installed does nothing", async () => {
    expect((await new Rig().uninstall().outcome).kind).toBe("nothing");
  });

  it("under --dry-run touches nothing", async () => {
    const rig = await installed();
    const snapshot = rig.objects.snapshot();
    expect((await rig.uninstall({ dryRun: true, deleteData: true }).outcome).kind).toBe("planned");
    expect(rig.objects.snapshot()).toEqual(snapshot);
  });

  it("with --delete-data leaves nothing of the release behind", async () => {
    const rig = await installed();
    const { kept, plan } = await rig.uninstall({ deleteData: true }).outcome;
    expect(kept).toEqual([]);
    expect(plan.actions.find(({ id }) => id === "delete-claims")?.touches).toEqual(["PersistentVolumeClaim/data-postgres-0 (200Gi)"]);
    expect(rig.objects.snapshot()).toEqual({});
    expect((await rig.objects.readLease("shop", "migratectl")).lease).toBeUndefined();
  });

  it("with --delete-data that was killed after its last deletion leaves not even its Lease, once it is run again", async () => {
    const rig = await installed();
    const deleteLease = rig.objects.deleteLease.bind(rig.objects);
    rig.objects.deleteLease = async () => undefined;
    const cut = rig.uninstall({ deleteData: true });
    await cut.outcome;
    rig.kill(cut.run);
    rig.objects.deleteLease = deleteLease;
    expect((await rig.uninstall({ deleteData: true }).outcome).kind).toBe("uninstalled");
    expect((await rig.objects.readLease("shop", "migratectl")).lease).toBeUndefined();
    expect(rig.objects.snapshot()).toEqual({});
    expect((await rig.uninstall({ deleteData: true }).outcome).kind).toBe("nothing");
  });

  it("after an install finds the same secrets again", async () => {
    const rig = await installed();
    const before = await rig.objects.readSecret("shop", "postgres-credentials");
    await rig.uninstall().outcome;
    expect((await rig.install().outcome).kind).toBe("installed");
    expect(await rig.objects.readSecret("shop", "postgres-credentials")).toEqual(before);
  });

  it("that waits for a pod names what holds it when the time is over", async () => {
    const rig = await installed();
    rig.objects.place("shop", "Pod", "postgres-0", chartLabels, { finalizers: ["example.com/keep"] });
    const ended = rig.clock.during(rig.uninstall().outcome).catch((error: unknown) => error);
    expect(await ended).toMatchObject({
      code: "UNINSTALL_STUCK",
      message: expect.stringContaining("Pod/postgres-0 (held by example.com/keep)"),
      fix: expect.stringContaining("kubectl -n shop describe pod postgres-0"),
    });
  });
});

describe.each([false, true])("kill -9 at any change of an uninstall (delete data: %s)", async (deleteData) => {
  const reference = await installed();
  const whole = new Power();
  await reference.uninstall({ power: whole, deleteData }).outcome;
  const cuts = Array.from({ length: whole.changes }, (_, index) => index + 1).flatMap((at) => [
    { at, moment: "before" as const },
    { at, moment: "after" as const },
  ]);

  it.each(cuts)("cut $moment change $at: the same command ends in the same state", async ({ at, moment }) => {
    const rig = await installed();
    const first = rig.uninstall({ power: new Power(at, moment), deleteData });
    await first.outcome.catch(() => undefined);
    rig.kill(first.run);
    await rig.uninstall({ deleteData }).outcome;
    expect(Object.keys(rig.objects.snapshot())).toEqual(Object.keys(reference.objects.snapshot()));
    expect(await rig.helm.find()).toBeUndefined();
    expect(rig.record().entries.filter(({ workflow }) => workflow === "uninstall")).toHaveLength(deleteData ? 0 : 1);
  });
});
