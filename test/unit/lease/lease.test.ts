import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/domain/errors/problem.ts";
import type { ClusterObjects } from "../../../src/ports/cluster-objects.ts";
import { holdLease, leaseName } from "../../../src/workflow/run/lease.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { FakeOperator } from "../../fakes/fake-operator.ts";
import { HeldClock } from "../../fakes/held-clock.ts";

class Rig {
  readonly clock = new HeldClock();
  readonly objects = new FakeClusterObjects(this.clock);
  readonly anna = new FakeOperator("anna", "jump-1");
  readonly bert = new FakeOperator("bert", "jump-2");
  readonly lost: Problem[] = [];
  readonly waited: string[] = [];

  async take(operator: FakeOperator, run: string) {
    await this.objects.createNamespace("shop", {});
    const ports = { objects: this.objects, clock: this.clock, operator };
    const watcher = { lost: (reason: Problem) => void this.lost.push(reason), waiting: (text: string) => void this.waited.push(text) };
    return await holdLease(ports, "shop", run, watcher, new AbortController().signal);
  }

  /** Leaves a Lease as a run that was killed does. */
  async leave(operator: FakeOperator, run: string): Promise<void> {
    await this.objects.createNamespace("shop", {});
    const claim = { holder: operator.holder(run), acquiredAt: this.clock.now(), durationSeconds: 30 };
    await this.objects.writeLease("shop", leaseName, claim, undefined);
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
    await expect(rig.clock.during(rig.take(rig.bert, "two"))).rejects.toMatchObject({ code: "INSTALL_LOCKED" });
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

  it("does not stay behind when the run is stopped while it is being written", async () => {
    const rig = new Rig();
    await rig.objects.createNamespace("shop", {});
    const stopped = new AbortController();
    const reason = new Error("Ctrl-C");
    const write = rig.objects.writeLease.bind(rig.objects);
    rig.objects.writeLease = async (namespace, name, claim, version, signal) => {
      // The API server does what it was asked for, also when nobody waits for its answer any more.
      const result = await write(namespace, name, claim, version);
      stopped.abort(reason);
      signal?.throwIfAborted();
      return result;
    };
    const ports = { objects: rig.objects, clock: rig.clock, operator: rig.anna };
    const watcher = { lost: () => undefined, waiting: () => undefined };
    await expect(holdLease(ports, "shop", "one", watcher, stopped.signal)).rejects.toBe(reason);
    expect(await rig.holder()).toBeUndefined();
  });

  it("tells the second operator who holds it, since when, and when it would end", async () => {
    const rig = new Rig();
    const lease = await rig.take(rig.anna, "one");
    await rig.clock.advance(15_000);
    await expect(rig.take(rig.anna, "two")).rejects.toMatchObject({
      message: "anna@jump-1 (process 4711, run one) has been working on this release since 2026-01-02T03:04:05.000Z",
      fix: expect.stringContaining("ends in 25 s"),
      data: { since: "2026-01-02T03:04:05.000Z", expiresInSeconds: 25 },
    });
    expect(rig.waited).toEqual([]);
    await lease.release();
  });

  it("tells an operator of another machine the same once the holder has shown that it lives", async () => {
    const rig = new Rig();
    const lease = await rig.take(rig.anna, "one");
    await rig.clock.advance(15_000);
    await expect(rig.clock.during(rig.take(rig.bert, "two"))).rejects.toMatchObject({ code: "INSTALL_LOCKED" });
    expect(rig.clock.now()).toEqual(new Date("2026-01-02T03:04:25.000Z"));
    await lease.release();
  });

  it("ends also when the last renewal was carried out and its answer was cut off", async () => {
    const rig = new Rig();
    const lease = await rig.take(rig.anna, "one");
    const write = rig.objects.writeLease.bind(rig.objects);
    rig.objects.writeLease = async (...args) => {
      await write(...args);
      throw new Error("aborted");
    };
    await rig.clock.advance(10_000);
    rig.objects.writeLease = write;
    await lease.release();
    expect(await rig.holder()).toBeUndefined();
  });
});

describe("a Lease whose holder has died", () => {
  it("is taken over at once by the same machine", async () => {
    const rig = new Rig();
    await rig.leave(rig.anna, "killed");
    rig.anna.dead.add("killed");
    const lease = await rig.take(rig.anna, "next");
    expect(lease.takenFrom?.run).toBe("killed");
    expect(await rig.holder()).toBe("next");
    await lease.release();
  });

  it("is waited for by another machine, which says so, and taken over when it ends", async () => {
    const rig = new Rig();
    await rig.leave(rig.anna, "killed");
    await rig.clock.advance(9_000);
    const lease = await rig.clock.during(rig.take(rig.bert, "next"));
    expect(rig.waited).toEqual(["Run killed of anna@jump-1 may have died; it is taken over unless it renews its Lease within 21 s."]);
    expect(lease.takenFrom?.run).toBe("killed");
    expect(rig.clock.now()).toEqual(new Date("2026-01-02T03:04:35.000Z"));
    await lease.release();
  });

  it("is not waited for longer than it can last when the API server's clock stands still", async () => {
    const rig = new Rig();
    await rig.leave(rig.anna, "killed");
    const { now } = await rig.objects.readLease("shop", leaseName);
    const read = rig.objects.readLease.bind(rig.objects);
    rig.objects.readLease = async (...args) => ({ ...(await read(...args)), now });
    await expect(rig.clock.during(rig.take(rig.bert, "next"))).rejects.toMatchObject({ code: "INSTALL_LOCKED" });
    expect(rig.clock.now().getTime() - now.getTime()).toBeLessThanOrEqual(34_000);
  });

  it("stops waiting when the command is cancelled", async () => {
    const rig = new Rig();
    await rig.leave(rig.anna, "killed");
    const cancel = new AbortController();
    const ports = { objects: rig.objects, clock: rig.clock, operator: rig.bert };
    const waiting = holdLease(
      ports,
      "shop",
      "next",
      { lost: () => undefined, waiting: () => cancel.abort(new Error("Ctrl-C")) },
      cancel.signal,
    );
    await expect(waiting).rejects.toThrow("Ctrl-C");
    expect(await rig.holder()).toBe("killed");
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

  it("does not come of one renewal that gets no answer: another one is tried while there is time", async () => {
    const rig = new Rig();
    const lease = await rig.take(rig.anna, "one");
    const write = rig.objects.writeLease.bind(rig.objects);
    const port: ClusterObjects = rig.objects;
    port.writeLease = (_namespace, _name, _claim, _version, signal) => {
      rig.objects.writeLease = write;
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    await rig.clock.advance(17_000);
    expect((await rig.objects.readLease("shop", leaseName)).lease?.renewedAt).toEqual(rig.clock.now());
    expect(rig.lost).toEqual([]);
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
