import { Problem } from "../../domain/errors/problem.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterObjects, LeaseClaim, LeaseHolder, LeaseState, WriteResult } from "../../ports/cluster-objects.ts";
import type { Operator } from "../../ports/operator.ts";

/** Name of the Lease that keeps two operators apart. */
export const leaseName = "migratectl";

/** Seconds after its last renewal at which a Lease counts as abandoned. */
const leaseSeconds = 30;

/** Milliseconds between two renewals, and between two tries when one failed. */
const renewEvery = 10_000;
const retryEvery = 2_000;

/** Milliseconds between two looks at a Lease whose holder may have died, and those that clocks in whole seconds may be apart. */
const lookEvery = 1_000;
const slack = 3_000;

/** Milliseconds that one renewal gets: two that hang must still leave time for a third before the Lease ends. */
const renewWithin = 5_000;

/** What holding a Lease needs. */
export interface LeasePorts {
  readonly objects: ClusterObjects;
  readonly clock: Clock;
  readonly operator: Operator;
}

/** Who hears of a Lease that is held. */
export interface LeaseWatcher {
  /** Called once when it cannot be kept any more. */
  readonly lost: (reason: Problem) => void;
  /** Called once when its end has to be waited for, because nobody here can tell whether its holder lives. */
  readonly waiting: (text: string) => void;
}

/** A Lease that is held and renewed in the background until it is released. */
export interface HeldLease {
  /** The run it was taken over from, when that had died. */
  readonly takenFrom: LeaseHolder | undefined;
  /** Stops renewing and deletes the Lease; never throws (it then expires by itself). */
  release(): Promise<void>;
}

/**
 * Takes the Lease of a namespace and keeps renewing it. One that has expired is taken over, and so is that of a dead process of this
 * machine, at once. One of another machine (or of this one before its last start) is waited for: its holder renews it and is alive, or it ends.
 * @throws Problem INSTALL_LOCKED when a living run holds it
 */
export async function holdLease(
  ports: LeasePorts,
  namespace: string,
  run: string,
  watcher: LeaseWatcher,
  signal: AbortSignal,
): Promise<HeldLease> {
  const holder = ports.operator.holder(run);
  const { lease, now } = await whenFree(ports, namespace, holder, watcher, signal);
  const claim = { holder, acquiredAt: now, durationSeconds: leaseSeconds };
  const result = await writeWhole(ports.objects, namespace, claim, lease?.version, signal);
  if (result.kind === "no-namespace") throw new Problem("INSTALL_NAMESPACE_MISSING", { what: `namespace ${namespace} does not exist` });
  if (result.kind === "conflict") {
    const winner = await ports.objects.readLease(namespace, leaseName, signal);
    if (winner.lease === undefined)
      throw new Problem("INSTALL_LOCKED", { what: "another run took and gave back the Lease at this very moment" });
    throw locked(winner.lease, winner.now);
  }
  const stop = new AbortController();
  const keeping = new LeaseKeeper(ports, namespace, claim, result.version);
  const renewing = keeping.keep(stop.signal, watcher.lost);
  return {
    takenFrom: lease?.holder,
    release: async () => {
      stop.abort();
      await renewing;
      await keeping.giveBack();
    },
  };
}

/** Writes the Lease without being cut off: else nobody would know whether it was written, and it would stay behind. @throws the signal's reason */
async function writeWhole(
  objects: ClusterObjects,
  namespace: string,
  claim: LeaseClaim,
  version: string | undefined,
  signal: AbortSignal,
): Promise<WriteResult> {
  signal.throwIfAborted();
  try {
    const result = await objects.writeLease(namespace, leaseName, claim, version, AbortSignal.timeout(renewWithin));
    signal.throwIfAborted();
    return result;
  } catch (error) {
    await giveBack(objects, namespace, claim.holder);
    throw error;
  }
}

/** Deletes the Lease while it is this holder's; asks for its version, because a write that was cut off may have been carried out. Never throws. */
async function giveBack(objects: ClusterObjects, namespace: string, holder: LeaseHolder): Promise<void> {
  const signal = AbortSignal.timeout(renewWithin);
  try {
    const { lease } = await objects.readLease(namespace, leaseName, signal);
    if (lease === undefined || !sameHolder(lease.holder, holder)) return;
    await objects.deleteLease(namespace, leaseName, lease.version, signal);
  } catch {
    // It expires by itself; the end of a run must not fail because of it.
  }
}

/** Deletes the Lease of a run that was killed after its last action: nothing is left to do, and so nobody would take it over. */
export async function dropAbandonedLease({ objects, operator }: LeasePorts, namespace: string, signal: AbortSignal): Promise<void> {
  const { lease, now } = await objects.readLease(namespace, leaseName, signal);
  if (lease !== undefined && free(lease, now, operator)) await objects.deleteLease(namespace, leaseName, lease.version, signal);
}

class LeaseKeeper {
  private readonly ports: LeasePorts;
  private readonly namespace: string;
  private readonly claim: LeaseClaim;
  private version: string;
  private held = true;

  constructor(ports: LeasePorts, namespace: string, claim: LeaseClaim, version: string) {
    this.ports = ports;
    this.namespace = namespace;
    this.claim = claim;
    this.version = version;
  }

  /** Renews until stopped or lost; settles in both cases. */
  async keep(stop: AbortSignal, lost: (reason: Problem) => void): Promise<void> {
    let renewedAt = this.ports.clock.now().getTime();
    let pause = renewEvery;
    while (!stop.aborted) {
      try {
        await this.ports.clock.pause(pause, stop);
        if (!(await this.renewInTime(stop)))
          return this.lose(lost, `another run holds the Lease ${leaseName} in namespace ${this.namespace} now`);
        renewedAt = this.ports.clock.now().getTime();
        pause = renewEvery;
      } catch (error) {
        if (stop.aborted) return;
        const silent = this.ports.clock.now().getTime() - renewedAt;
        if (silent >= leaseSeconds * 1000)
          return this.lose(lost, `the Lease ${leaseName} could not be renewed for ${Math.round(silent / 1000)} s`, error);
        pause = retryEvery;
      }
    }
  }

  /** Deletes the Lease while it is ours. */
  async giveBack(): Promise<void> {
    if (this.held) await giveBack(this.ports.objects, this.namespace, this.claim.holder);
  }

  /** A renewal that gets no answer in time is given up, so that another one can be tried. */
  private async renewInTime(stop: AbortSignal): Promise<boolean> {
    const late = new AbortController();
    const answered = new AbortController();
    this.ports.clock.pause(renewWithin, answered.signal).then(
      () => late.abort(new Error(`no answer within ${renewWithin / 1000} s`)),
      () => undefined,
    );
    try {
      return await this.renew(AbortSignal.any([stop, late.signal]));
    } finally {
      answered.abort();
    }
  }

  private async renew(signal: AbortSignal): Promise<boolean> {
    const result = await this.ports.objects.writeLease(this.namespace, leaseName, this.claim, this.version, signal);
    if (result.kind === "written") {
      this.version = result.version;
      return true;
    }
    // A renewal whose answer was lost has happened: the Lease is then still ours, with a version we did not hear of.
    const { lease } = await this.ports.objects.readLease(this.namespace, leaseName, signal);
    if (lease === undefined || !sameHolder(lease.holder, this.claim.holder)) return false;
    this.version = lease.version;
    return true;
  }

  private lose(lost: (reason: Problem) => void, what: string, cause?: unknown): void {
    this.held = false;
    lost(new Problem("INSTALL_LEASE_LOST", { what, cause }));
  }
}

/** The Lease as it stands once it may be taken. @throws Problem INSTALL_LOCKED when its holder lives */
async function whenFree(
  { objects, clock, operator }: LeasePorts,
  namespace: string,
  own: LeaseHolder,
  { waiting }: LeaseWatcher,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<ClusterObjects["readLease"]>>> {
  const first = await objects.readLease(namespace, leaseName, signal);
  if (first.lease === undefined || free(first.lease, first.now, operator)) return first;
  const { holder, version, durationSeconds } = first.lease;
  // Of this machine, and not known to be gone: it lives.
  if (own.machine !== "" && holder.machine === own.machine) throw locked(first.lease, first.now);
  const left = remaining(first.lease, first.now);
  waiting(
    `Run ${holder.run} of ${holder.user}@${holder.host} may have died; it is taken over unless it renews its Lease within ${left} s.`,
  );
  const deadline = clock.now().getTime() + durationSeconds * 1000 + slack;
  for (;;) {
    await clock.pause(lookEvery, signal);
    const seen = await objects.readLease(namespace, leaseName, signal);
    if (seen.lease === undefined || free(seen.lease, seen.now, operator)) return seen;
    if (seen.lease.version !== version || clock.now().getTime() >= deadline) throw locked(seen.lease, seen.now);
  }
}

function free(lease: LeaseState, now: Date, operator: Operator): boolean {
  return remaining(lease, now) <= 0 || operator.isGone(lease.holder);
}

/** Seconds until the Lease counts as abandoned. */
function remaining(lease: LeaseState, now: Date): number {
  return Math.ceil(lease.durationSeconds - (now.getTime() - lease.renewedAt.getTime()) / 1000);
}

function locked(lease: LeaseState, now: Date): Problem {
  const { user, host, pid, run } = lease.holder;
  const since = lease.acquiredAt.toISOString();
  return new Problem("INSTALL_LOCKED", {
    what: `${user}@${host} (process ${pid}, run ${run}) has been working on this release since ${since}`,
    fix: `Wait until that run has ended. If it has died, its Lease ends in ${remaining(lease, now)} s; then run the same command again.`,
    data: { holder: lease.holder, since, renewedAt: lease.renewedAt.toISOString(), expiresInSeconds: remaining(lease, now) },
  });
}

function sameHolder(a: LeaseHolder, b: LeaseHolder): boolean {
  return a.run === b.run && a.machine === b.machine && a.pid === b.pid && a.host === b.host;
}
