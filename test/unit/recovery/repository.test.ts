import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { formatInstant } from "../../../src/domain/recovery/instant.ts";
import { formatLsn } from "../../../src/domain/recovery/lsn.ts";
import { type BackupRepository, parseExactJson, readRepository } from "../../../src/domain/recovery/repository.ts";
import { requireOwnRepository, requireSet, usableSets, whyUnusable } from "../../../src/domain/recovery/repository-checks.ts";
import { infoText, repository } from "./four-timelines.ts";

const own = { systemId: "7712003720744226843", version: "17" };
const full = "20261125-071313F";
const incremental = "20261125-071313F_20261125-071342I";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return `${error.code} (${error.exit}): ${error.message}`;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** The real answer with something put in its place. */
function altered(from: string | RegExp, to: string): string {
  const text = infoText.replace(from, to);
  if (text === infoText) throw new Error(`${from} is not in the fixture`);
  return text;
}

function without(label: string): BackupRepository {
  return { ...repository, sets: repository.sets.filter((set) => set.label !== label) };
}

describe("what pgBackRest says of a repository", () => {
  it("is read from a real answer", () => {
    expect(repository).toMatchObject({ stanza: "main", status: { code: 0, message: "ok" }, cipher: "aes-256-cbc", withoutWal: [] });
    expect(repository.databases).toEqual([{ id: 1, ...own }]);
    expect(repository.sets.map(({ label, timeline }) => `${timeline} ${label}`)).toEqual([
      "1 20261125-071313F",
      "1 20261125-071313F_20261125-071319D",
      "1 20261125-071313F_20261125-071325I",
      "2 20261125-071313F_20261125-071342I",
      "3 20261125-071313F_20261125-071401D",
      "3 20261125-071409F",
      "4 20261125-071422F",
    ]);
    const set = repository.sets[3];
    expect(
      set && [set.type, formatLsn(set.startLsn), formatLsn(set.stopLsn), formatInstant(set.startedAt), formatInstant(set.finishedAt)],
    ).toEqual(["incr", "0/C000028", "0/C000120", "2026-11-25T07:13:42Z", "2026-11-25T07:13:43Z"]);
    expect(set).toMatchObject({
      archiveStart: "00000002000000000000000C",
      archiveStop: "00000002000000000000000C",
      bytes: 23561545,
      repositoryBytes: 2819952,
      needs: [full, `${full}_20261125-071319D`, `${full}_20261125-071325I`],
      error: false,
    });
  });

  it("keeps every digit of a system identifier, which JSON alone would round", () => {
    expect(String((JSON.parse(infoText) as [{ db: [{ "system-id": number }] }])[0].db[0]["system-id"])).not.toBe(own.systemId);
    expect(parseExactJson('{"a":[9007199254740993,7,1.5,-9007199254740993]}')).toEqual({
      a: ["9007199254740993", 7, 1.5, "-9007199254740993"],
    });
  });

  it("names backups without WAL apart, and those of another repository key not at all", () => {
    const offline = readRepository(parseExactJson(altered(/"lsn":\{[^}]*\},?/, "")), "main");
    expect(offline.withoutWal).toEqual([full]);
    expect(offline.sets).toHaveLength(6);
    expect(readRepository(parseExactJson(infoText), "main", 2).sets).toEqual([]);
  });

  it.each([
    ["text", "ERROR: [055]: unable to load info file"],
    ["an object", {}],
    ["a set of unknown type", parseExactJson(altered('"type":"incr"', '"type":"snapshot"'))],
    ["an LSN that is none", parseExactJson(altered("0/C000028", "C000028"))],
    ["a segment that is none", parseExactJson(altered(/"start":"[0-9A-F]{24}"/, '"start":"1"'))],
    ["rounded by JSON.parse", JSON.parse(infoText)],
  ])("is refused when it is %s", (_, answer) => {
    expect(codeOf(() => readRepository(answer, "main"))).toMatch(
      /^REPOSITORY_UNREADABLE \(recovery\): pgBackRest's answer is not understood: /,
    );
  });

  it("is refused when it knows no such stanza", () => {
    expect(codeOf(() => readRepository([], "main"))).toBe("REPOSITORY_EMPTY (recovery): The repository knows no stanza main.");
  });
});

describe("a repository", () => {
  it("is this database's when system identifier and major version are the same", () => {
    expect(requireOwnRepository(repository, own)).toEqual({ id: 1, ...own });
  });

  it("of another cluster is refused, if only the last digit differs (trap 14)", () => {
    expect(codeOf(() => requireOwnRepository(repository, { ...own, systemId: "7712003720744226844" }))).toBe(
      "REPOSITORY_FOREIGN (recovery): The repository's stanza main is of the cluster with system identifier 7712003720744226843; this database's is 7712003720744226844.",
    );
  });

  it("of another major version is refused, also when this database is in its past", () => {
    expect(codeOf(() => requireOwnRepository(repository, { ...own, version: "16" }))).toMatch(/^POSTGRES_MAJOR_MISMATCH \(recovery\)/);
    // An upgrade makes a new system identifier, too.
    expect(codeOf(() => requireOwnRepository(repository, { systemId: "9", version: "18" }))).toMatch(
      /^POSTGRES_MAJOR_MISMATCH .* Postgres 17 \(\d+\), this one is Postgres 18 \(9\)/,
    );
    const upgraded = {
      ...repository,
      databases: [
        { id: 1, ...own },
        { id: 2, systemId: "9", version: "18" },
      ],
    };
    expect(codeOf(() => requireOwnRepository(upgraded, own))).toMatch(
      /^POSTGRES_MAJOR_MISMATCH .* Postgres 18 \(9\), this one is Postgres 17/,
    );
  });

  it("that another cluster has taken over is refused, also when this database is in its past", () => {
    const taken = { ...repository, databases: [...repository.databases, { id: 2, systemId: "9", version: "17" }] };
    expect(codeOf(() => requireOwnRepository(taken, own))).toMatch(/^REPOSITORY_FOREIGN .* system identifier 9;/);
  });

  it("without a backup of this database is refused", () => {
    expect(codeOf(() => requireOwnRepository({ ...repository, sets: [] }, own))).toMatch(/^REPOSITORY_EMPTY \(recovery\)/);
    expect(codeOf(() => requireOwnRepository({ ...repository, databases: [] }, own))).toMatch(/^REPOSITORY_EMPTY/);
    const old = {
      ...repository,
      databases: [
        { id: 1, systemId: "8", version: "16" },
        { id: 2, ...own },
      ],
    };
    expect(codeOf(() => requireOwnRepository(old, own))).toMatch(/^REPOSITORY_EMPTY/);
  });
});

describe("a backup", () => {
  const damaged = { ...repository, sets: repository.sets.map((set) => (set.label === full ? { ...set, error: true } : set)) };

  it("is usable when all that it builds on is there and without errors", () => {
    expect(usableSets(repository, 1)).toHaveLength(7);
    expect(usableSets(without(full), 1).map(({ label }) => label)).toEqual(["20261125-071409F", "20261125-071422F"]);
    expect(usableSets(damaged, 1).map(({ label }) => label)).toEqual(["20261125-071409F", "20261125-071422F"]);
    expect(usableSets(repository, 2)).toEqual([]);
  });

  it("is not usable when a set in the middle of its chain is gone, which its files may not even come from", () => {
    expect(codeOf(() => requireSet(incremental, without(`${full}_20261125-071319D`), 1))).toBe(
      `BACKUP_UNUSABLE (recovery): Backup ${incremental} cannot be restored: it builds on ${full}_20261125-071319D, which is not there.`,
    );
  });

  it("is not usable with damaged pages, its own or of what it builds on, or when the timeline changed under it", () => {
    expect(codeOf(() => requireSet(full, damaged, 1))).toMatch(
      /^BACKUP_UNUSABLE .*: pages with wrong checksums were found while it was made\.$/,
    );
    expect(codeOf(() => requireSet(incremental, damaged, 1))).toMatch(
      /it builds on 20261125-071313F, in which pages with wrong checksums were found\.$/,
    );
    const [set] = repository.sets;
    expect(set && whyUnusable({ ...set, archiveStop: "000000020000000000000002" }, repository)).toBe(
      "the timeline changed while it was made",
    );
  });

  it("without WAL is not usable, and one that does not exist is told with those that do", () => {
    expect(codeOf(() => requireSet("offline", { ...repository, withoutWal: ["offline"] }, 1))).toMatch(
      /^BACKUP_UNUSABLE .* made without WAL\.$/,
    );
    expect(codeOf(() => requireSet("20261125-071313G", repository, 1))).toMatch(
      /^BACKUP_UNKNOWN \(usage\): There is no backup 20261125-071313G\. There are: 20261125-071313F \(full, 2026-11-25T07:13:14Z\), /,
    );
    expect(codeOf(() => requireSet("x", { ...repository, sets: [] }, 1))).toMatch(/There is none at all\.$/);
  });

  it("of another major version is not restored into this one", () => {
    const upgraded = { ...repository, databases: [...repository.databases, { id: 2, systemId: "9", version: "18" }] };
    expect(codeOf(() => requireSet(full, upgraded, 2))).toBe(
      `POSTGRES_MAJOR_MISMATCH (recovery): Backup ${full} is of Postgres 17; this database is Postgres 18.`,
    );
  });
});
