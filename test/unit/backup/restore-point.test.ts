import { describe, expect, it } from "vitest";
import { formatInstant } from "../../../src/domain/recovery/instant.ts";
import { cataloguedPoints, restorePointName } from "../../../src/domain/recovery/restore-point.ts";
import type { BackupHost, Inspection, MadePoint } from "../../../src/ports/backup-host.ts";
import { makeRestorePoint } from "../../../src/workflow/backup/make-restore-point.ts";
import { surveyHost } from "../../../src/workflow/backup/survey.ts";
import { resolveMoment } from "../../../src/workflow/restore/resolve-moment.ts";
import { failure } from "../../fakes/failure.ts";
import { FixtureHost } from "../../fakes/fixture-host.ts";
import { HeldClock } from "../../fakes/held-clock.ts";

const signal = new AbortController().signal;

/** The repository of the fixture, into which annotations are written. */
class CatalogueHost extends FixtureHost {
  readonly annotations = new Map<string, Record<string, string>>();
  /** What stands in the WAL. */
  readonly written: Pick<MadePoint, "name" | "lsn">[] = [];
  place = "0/12000100";
  annotateFailure: Error | undefined;

  override async inspect(): Promise<Inspection> {
    const inspection = await super.inspect();
    const [stanza, ...rest] = inspection.info as { backup: { label: string; annotation?: object }[] }[];
    const backup = stanza?.backup.map((one) => ({ ...one, annotation: this.annotations.get(one.label) ?? null }));
    const { primary } = inspection;
    const archived = { segment: "FFFFFFFF0000000000000000", at: undefined, failedSegment: undefined, failedAt: undefined };
    return { ...inspection, info: [{ ...stanza, backup }, ...rest], primary: primary && { ...primary, archived } };
  }

  async createPoint(name: string): Promise<MadePoint> {
    this.written.push({ name, lsn: this.place });
    return { name, timeline: this.asPrimary?.timeline ?? 0, lsn: this.place, at: new Date("2026-11-25T07:14:26Z") };
  }

  async annotate(label: string, annotation: string): Promise<void> {
    if (this.annotateFailure !== undefined) throw this.annotateFailure;
    const [key = "", value = ""] = annotation.split("=");
    this.annotations.set(label, { ...this.annotations.get(label), [key]: value });
  }

  async pointsIn(): Promise<readonly Pick<MadePoint, "name" | "lsn">[]> {
    return this.written;
  }

  override async switchWal(): Promise<string> {
    return "000000040000000000000012";
  }

  async volume() {
    return { directories: [], free: 1e12 };
  }

  get port(): BackupHost {
    return this as unknown as BackupHost;
  }
}

const make = (host: CatalogueHost, name = "before-cleanup", dryRun = false) =>
  new HeldClock().during(makeRestorePoint({ host: host.port, clock: new HeldClock() }, { name, dryRun }, signal));
const resolve = (host: CatalogueHost, timeline?: number) =>
  resolveMoment(
    { host: host.port, clock: new HeldClock() },
    { target: () => ({ kind: "name", name: "before-cleanup" }), timeline, mayArchive: false, volumeLost: false },
    signal,
  );

describe("a restore point", () => {
  it("is written, archived, and catalogued at the full backup that leads to it; then it is found by its name and proved in the WAL", async () => {
    const host = new CatalogueHost();
    expect(await make(host)).toMatchObject({ name: "before-cleanup", set: "20261125-071422F", point: { timeline: 4, lsn: "0/12000100" } });
    expect([...host.annotations]).toEqual([
      ["20261125-071422F", { "restore-point/4/before-cleanup": "0/12000100 2026-11-25T07:14:26.000Z" }],
    ]);
    const [point] = (await surveyHost(host.port, new Date(), signal)).restorePoints;
    expect([point?.name, point && formatInstant(point.at)]).toEqual(["before-cleanup", "2026-11-25T07:14:26Z"]);
    const { resolved } = await resolve(host);
    expect([resolved.set.label, resolved.timeline, resolved.type, resolved.target]).toEqual(["20261125-071422F", 4, "lsn", "0/12000100"]);
  });

  it("is not made in a dry run, and not under a name that nobody could type again or that the living history has already", async () => {
    const host = new CatalogueHost();
    expect(await make(host, "x", true)).toEqual({ name: "x", set: "20261125-071422F", point: undefined });
    expect(host.written).toEqual([]);
    expect(await failure(make(host, "of mine"))).toMatchObject({ code: "RECOVERY_TARGET_INVALID", exit: "usage" });
    await make(host);
    expect(await failure(make(host))).toMatchObject({ code: "RESTORE_POINT_EXISTS", exit: "usage" });
    expect(host.written.length).toBe(1);
  });

  it("may have the name of one on a history that was left; that is then refused without the timeline", async () => {
    const host = new CatalogueHost();
    host.annotations.set("20261125-071409F", { "restore-point/3/before-cleanup": "0/10000100 2026-11-25T07:14:05Z" });
    await make(host);
    expect(await failure(resolve(host))).toMatchObject({ code: "RESTORE_POINT_AMBIGUOUS" });
    expect((await resolve(host, 4)).resolved.target).toBe("0/12000100");
  });

  it("that was cut off before it was catalogued is made by giving the name again", async () => {
    const host = new CatalogueHost();
    host.annotateFailure = new Error("connection lost");
    await expect(make(host)).rejects.toThrow("connection lost");
    host.annotateFailure = undefined;
    host.place = "0/12000200";
    await make(host);
    expect((await resolve(host)).resolved.target).toBe("0/12000200");
  });

  it("that the WAL does not hold where the catalogue says is not restored to", async () => {
    const host = new CatalogueHost();
    await make(host);
    host.written.splice(0);
    expect(await failure(resolve(host))).toMatchObject({ code: "RESTORE_POINT_MISSING", exit: "recovery" });
  });

  it("needs a database that takes writes, and a backup that leads to it", async () => {
    const host = new CatalogueHost();
    const { asPrimary: primary } = host;
    host.asPrimary = undefined;
    expect(await failure(make(host))).toMatchObject({ code: "BACKUP_HOST_MISSING" });
    host.asPrimary = primary && { ...primary, timeline: 9 };
    expect(await failure(make(host))).toMatchObject({ code: "REPOSITORY_EMPTY" });
  });

  it("is read from annotations; what is none of ours is left alone", () => {
    const noise = { note: "made by hand", "restore-point/x/a": "0/1 2026-01-01T00:00:00Z", "restore-point/1/a": "gone" };
    expect(cataloguedPoints({ ...noise, "restore-point/1/b": "0/3000060 2026-01-01T00:00:00Z" }).map(({ name }) => name)).toEqual(["b"]);
    expect(() => restorePointName("a".repeat(64))).toThrow();
    expect(restorePointName("before-upgrade-1.1.0")).toBe("before-upgrade-1.1.0");
  });
});
