import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/domain/errors/problem.ts";
import { holdLease, leaseName } from "../../../src/workflow/lease.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { FakeOperator } from "../../fakes/fake-operator.ts";
import { HeldClock } from "../../fakes/held-clock.ts";

class Rig {
  readonly clock = new HeldClock();
  readonly objects = new FakeClusterObjects(this.clock);
  readonly anna = new FakeOperator("anna", "jump-1");
  readonly bert = new FakeOperator("bert", "jump-2");
  readonly lost: Problem[] = [];

  async take(operator: FakeOperator, run: string) {
    await this.objects.createNamespace("shop", {});
    const ports = { objects: this.objects, clock: this.clock, operator };
    return await holdLease(ports, "shop", run, (reason) => this.lost.push(reason), new AbortController().signal);
  }

  async holder(): Promise<string | undefined> {
    return (await this.objects.readLease("shop", leaseName)).lease?.holder.run;
  }
}

describe("holding the Lease", () => {
  it("is renewed for as long as the run takes", async () => {
    const rig = new Rig();
    const lease = await rig.take(rig.anna, "one");
    await rig.clock.advance(3_600_000);
    await expect(rig.take(rig.bert, "two")).rejects.toMatchObject({ code: "INSTALL_LOCKED" });
    await lease.release();
    expect(rig.lost).toEqual([]);
  });

  it("ends with its release: the next run needs no waiting", async () => {
    const rig = new Rig();
    await (await rig.take(rig.anna, "one")).release();
    const second = await rig.take(rig.bert, "two");
    expect(second.takenFrom).toBeUndefined();
    await second.release();
  });

  it("tells the second operator who holds it, since when, and when it would end", async () => {
    const rig = new Rig();
    const lease = await rig.take(rig.anna, "one");
    await rig.clock.advance(15_000);
    await expect(rig.take(rig.bert, "two")).rejects.toMatchObject({
      message: "anna@jump-1 (process 4711, run one) has been working on this release since 2026-01-02T03:04:05.000Z",
      fix: expect.stringContaining("ends in 25 s"),
      data: { since: "2026-01-02T03:04:05.000Z", expiresInSeconds: 25 },
    });
    await lease.release();
  });
});

describe("a Lease whose holder has died", () => {
  it("is taken over at once by the same machine", async () => {
    const rig = new Rig();
    await rig.objects.createNamespace("shop", {});
    await rig.objects.writeLease(
      "shop",
      leaseName,
      { holder: rig.anna.holder("killed"), acquiredAt: rig.clock.now(), durationSeconds: 30 },
      undefined,
    );
    rig.anna.dead.add("killed");
    const lease = await rig.take(rig.anna, "next");
    expect(lease.takenFrom?.run).toBe("killed");
    expect(await rig.holder()).toBe("next");
    await lease.release();
  });

  it("is taken over by another machine only when it has expired", async () => {
    const rig = new Rig();
    await rig.objects.createNamespace("shop", {});
    await rig.objects.writeLease(
      "shop",
      leaseName,
      { holder: rig.anna.holder("killed"), acquiredAt: rig.clock.now(), durationSeconds: 30 },
      undefined,
    );
    rig.anna.dead.add("killed");
    await rig.clock.advance(29_000);
    await expect(rig.take(rig.bert, "next")).rejects.toMatchObject({ code: "INSTALL_LOCKED", fix: expect.stringContaining("1 s") });
    await rig.clock.advance(1_000);
    const lease = await rig.take(rig.bert, "next");
    expect(lease.takenFrom?.run).toBe("killed");
    await lease.release();
  });
});

describe("losing the Lease", () => {
  it("is told when another run has taken it, and the other's Lease is left alone", async () => {
    const rig = new Rig();
    const lease = await rig.take(rig.anna, "one");
    const { lease: held } = await rig.objects.readLease("shop", leaseName);
    await rig.objects.writeLease(
      "shop",
      leaseName,
      { holder: rig.bert.holder("two"), acquiredAt: rig.clock.now(), durationSeconds: 30 },
      held?.version,
    );
    await rig.clock.advance(10_000);
    expect(rig.lost).toEqual([expect.objectContaining({ code: "INSTALL_LEASE_LOST" })]);
    await lease.release();
    expect(await rig.holder()).toBe("two");
  });

  it("is told after 30 s in which the API server did not answer, not before", async () => {
    const rig = new Rig();
    const lease = await rig.take(rig.anna, "one");
    const write = rig.objects.writeLease.bind(rig.objects);
    rig.objects.writeLease = async () => {
      throw new Error("connection refused");
    };
    await rig.clock.advance(28_000);
    expect(rig.lost).toEqual([]);
    rig.objects.writeLease = write;
    await rig.clock.advance(12_000);
    rig.objects.writeLease = async () => {
      throw new Error("connection refused");
    };
    await rig.clock.advance(42_000);
    expect(rig.lost).toEqual([
      expect.objectContaining({ code: "INSTALL_LEASE_LOST", message: expect.stringContaining("could not be renewed") }),
    ]);
    await lease.release();
  });

  it("is not believed when only the answer to a renewal was lost", async () => {
    const rig = new Rig();
    const lease = await rig.take(rig.anna, "one");
    const write = rig.objects.writeLease.bind(rig.objects);
    let lostAnswers = 0;
    rig.objects.writeLease = async (...args) => {
      const result = await write(...args);
      if (lostAnswers++ === 0) throw new Error("socket hang up");
      return result;
    };
    await rig.clock.advance(60_000);
    expect(rig.lost).toEqual([]);
    await lease.release();
    expect(await rig.holder()).toBeUndefined();
  });
});
