import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import type { BackupHost } from "../../../src/ports/backup-host.ts";
import type { ExportFiles } from "../../../src/ports/export-file.ts";
import type { RepositoryFiles } from "../../../src/ports/repository-files.ts";
import { exportBackups } from "../../../src/workflow/backup/export-backups.ts";
import { FixtureHost } from "../../fakes/fixture-host.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { problemOf } from "../../fakes/problem-of.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";

const never = new AbortController().signal;
const files = ["archive/main/archive.info", "backup/main/backup.info"].map((path) => ({ path, bytes: 10 }));
const refusing = async (): Promise<never> => {
  throw new Error("an export brings nothing");
};

/** A repository whose sets may be held, and a file that can be written unless `broken`. */
function made(broken?: Problem) {
  const told: string[] = [];
  let held = false;
  const repository: RepositoryFiles = {
    hold: async () => void (held = true),
    release: async (signal) => {
      expect(signal.aborted).toBe(false);
      held = false;
    },
    list: async () => {
      told.push(held ? "listed under the hold" : "listed");
      return files;
    },
    read: async () => undefined,
    sums: async () => [],
    staged: refusing,
    stage: refusing,
    settle: refusing,
  };
  const exports: ExportFiles = {
    begun: async () => undefined,
    write: async () => {
      told.push(held ? "written under the hold" : "written");
      if (broken !== undefined) throw broken;
      return { bytes: 20, resumed: 0 };
    },
    open: refusing,
  };
  const ports = {
    host: new FixtureHost() as unknown as BackupHost,
    files: repository,
    exports,
    clock: new HeldClock(),
    progress: new RecordingProgress(),
  };
  return { ports, told, held: () => held };
}

const request = (dryRun: boolean) => ({
  out: "backups.export",
  set: undefined,
  release: { name: "shop", namespace: "shop", version: "1.0.0" },
  dryRun,
});

describe("an export", () => {
  it("keeps every backup while it lists and reads them, and gives them free at its end", async () => {
    const { ports, told, held } = made();
    expect(await exportBackups(ports, request(false), never)).toMatchObject({ kind: "exported", bytes: 20 });
    expect(told).toEqual(["listed under the hold", "written under the hold"]);
    expect(held()).toBe(false);
  });

  it("gives them free when it fails, and when it is stopped", async () => {
    for (const signal of [never, AbortSignal.abort(new Error("Ctrl-C"))]) {
      const { ports, held } = made(new Problem("DISK_FULL", { what: "no room" }));
      expect((await problemOf(() => exportBackups(ports, request(false), signal))).code).toBe("DISK_FULL");
      expect(held()).toBe(false);
    }
  });

  it("holds nothing to say what it would write", async () => {
    const { ports, told } = made();
    expect(await exportBackups(ports, request(true), never)).toMatchObject({ kind: "planned", bytes: 20 });
    expect(told).toEqual(["listed"]);
  });
});
