import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseLsn } from "../../src/domain/recovery/lsn.ts";
import { parseExactJson } from "../../src/domain/recovery/repository.ts";
import type { BackupHost, Commit, Inspection, SegmentCommits, SegmentQuestion } from "../../src/ports/backup-host.ts";
import { histories, infoText, listing } from "../unit/recovery/four-timelines.ts";

/** Commits of the fixture's segments, in their order in the WAL. */
const commits = new Map<string, Commit[]>();
for (const line of readFileSync(join(import.meta.dirname, "../fixtures/recovery/four-timelines/commits.txt"), "utf8")
  .trim()
  .split("\n")) {
  const [segment = "", lsn = "", at = ""] = line.split(" ");
  commits.set(segment, [...(commits.get(segment) ?? []), { lsn, at }]);
}

/** The place where pgBackRest runs, over a real repository that was kept as files; paths that hold one of `lost` are not in its archive. */
export class FixtureHost implements Pick<BackupHost, "inspect" | "primary" | "commits" | "verify" | "switchWal"> {
  readonly asked: string[] = [];
  readonly lost: string[] = [];
  asPrimary: Inspection["primary"] = {
    systemId: (/"system-id":\s*(\d+)/.exec(infoText) ?? [])[1] ?? "",
    timeline: 4,
    version: 170_012,
    inRecovery: false,
    lsn: "0/F000000",
    segmentBytes: 16_777_216,
    now: new Date("2026-11-25T07:15:32Z"),
    archived: { segment: undefined, at: undefined, failedSegment: undefined, failedAt: undefined },
  };
  major: Inspection["major"] = "17";
  report = "stanza: main\nstatus: ok\n";

  async inspect(): Promise<Inspection> {
    const files = Object.entries(listing as Record<string, unknown>).filter(([path]) => !this.lost.some((part) => path.includes(part)));
    return {
      info: parseExactJson(infoText),
      archive: Object.fromEntries(files),
      histories: Object.fromEntries(Object.entries(histories).map(([name, content]) => [`17-1/${name}`, content])),
      primary: this.asPrimary,
      major: this.major,
    };
  }

  async primary(): Promise<Inspection["primary"]> {
    return (await this.inspect()).primary;
  }

  async commits(questions: readonly SegmentQuestion[]): Promise<readonly SegmentCommits[]> {
    this.asked.push(...questions.map(({ segment }) => segment));
    return questions.map(({ segment, around, until }) => {
      const all = commits.get(segment) ?? [];
      const next = around.flatMap((lsn) => {
        const at = all.findIndex((commit) => (parseLsn(commit.lsn) ?? 0n) >= (parseLsn(lsn) ?? 0n));
        return at < 0 ? [all.length - 1] : [at - 1, at];
      });
      const later = until === undefined ? -1 : all.findIndex(({ at }) => at > until);
      const wanted = new Set([0, all.length - 1, ...next, ...(later < 0 ? [] : [later - 1, later])]);
      return { segment, commits: all.filter((_, index) => wanted.has(index)) };
    });
  }

  async verify(): Promise<string> {
    return this.report;
  }

  async switchWal(): Promise<string> {
    throw new Error("nothing is written into a fixture");
  }
}
