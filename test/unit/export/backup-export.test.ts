import { describe, expect, it } from "vitest";
import { backupExportSchema, filesToExport, type RepositoryFile } from "../../../src/domain/recovery/backup-export.ts";
import { readRepository } from "../../../src/domain/recovery/repository.ts";

const segmentBytes = 16 * 1024 * 1024;
const file = (path: string, bytes = 10): RepositoryFile => ({ path, bytes });
const segment = (name: string): RepositoryFile => file(`archive/main/17-1/${name.slice(0, 16)}/${name}-${"a".repeat(40)}.zst`);

const set = (label: string, type: string, start: string, more: object = {}) => ({
  label,
  type,
  database: { id: 1 },
  archive: { start, stop: start },
  lsn: { start: `0/${start.slice(22)}000028`, stop: `0/${start.slice(22)}000100` },
  timestamp: { start: 1_700_000_000, stop: 1_700_000_001 },
  info: { size: 1, repository: { delta: 1 } },
  ...more,
});
const [first, second, third] = ["20261101-020000F", "20261108-020000F", "20261108-020000F_20261109-020000I"] as const;
const repository = readRepository(
  [
    {
      name: "main",
      status: { code: 0, message: "ok" },
      db: [{ id: 1, "system-id": 7, version: "17" }],
      backup: [
        set(first, "full", "000000010000000000000002"),
        set(second, "full", "000000010000000000000005"),
        set(third, "incr", "000000020000000000000007", { prior: second, reference: [second] }),
      ],
    },
  ],
  "main",
);
const all = [
  segment("000000010000000000000002"),
  file("archive/main/17-1/00000002.history"),
  segment("000000010000000000000005"),
  segment("000000020000000000000007"),
  file("archive/main/archive.info"),
  file(`backup/main/${first}/backup.manifest`),
  file(`backup/main/${second}/bundle/1`),
  file(`backup/main/${third}/backup.manifest`),
  file(`backup/main/backup.history/2026/${first}.manifest.zst`),
  file("backup/main/20261110-020000F/pg_data/base/1/1.zst"),
  file("backup/main/backup.info"),
  file("migratectl/kit.json"),
];
const paths = (only?: { readonly label: string }) =>
  filesToExport(all, repository, only === undefined ? undefined : { ...only, segmentBytes }).map(({ path }) => path);

describe("the files that an export takes", () => {
  it("are the whole repository, catalogues first, without a backup that is still being made", () => {
    const chosen = paths();
    expect(chosen.slice(0, 3)).toEqual(["archive/main/archive.info", "backup/main/backup.info", "migratectl/kit.json"]);
    expect(chosen).toHaveLength(all.length - 1);
    expect(chosen.join("\n")).not.toContain("20261110");
  });

  it("are one set, what it builds on, and WAL from the beginning of the oldest of them on", () => {
    const chosen = paths({ label: third });
    expect(chosen.filter((path) => path.startsWith("backup/main/2"))).toEqual([
      `backup/main/${second}/bundle/1`,
      `backup/main/${third}/backup.manifest`,
    ]);
    expect(chosen.filter((path) => path.endsWith(".zst") && path.startsWith("archive"))).toEqual([all[2]?.path, all[3]?.path]);
    expect(chosen).toContain("archive/main/17-1/00000002.history");
    expect(chosen.join("\n")).not.toContain(first);
  });

  it("of a set that is not there are told as BACKUP_UNKNOWN", () => {
    expect(() => paths({ label: "20200101-000000F" })).toThrow(expect.objectContaining({ code: "BACKUP_UNKNOWN" }));
  });

  it.each(["../etc/passwd", "archive/../../x", "/etc/passwd", "backup", "archive/main/.hidden", "other/main/x", "archive/a b"])(
    "are never %s",
    (path) => {
      expect(filesToExport([file(path)], repository, undefined)).toEqual([]);
      expect(backupExportSchema.shape.files.safeParse([file(path)]).success).toBe(false);
    },
  );
});
