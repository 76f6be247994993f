import type { E2eSite } from "../e2e/support/site.ts";
import { lostBetween } from "./judge.ts";
import { look, type Sighting } from "./sighting.ts";
import { filesLeftIn, processesOf } from "./traces.ts";
import type { EndedRun, Folders, WatchedRun } from "./watched-run.ts";

/** Sees what one round does to its namespace and folders, and notes everything that breaks the promise. */
export class Witness {
  /** What breaks the promise. */
  readonly wrong: string[] = [];
  /** What stood in the cluster after each interruption. */
  readonly sightings: Sighting[] = [];
  private readonly site: E2eSite;
  private readonly namespace: string;
  private readonly folders: Folders;
  /** Run directories of processes that a signal ended. */
  private readonly killed = new Set<string>();

  constructor(site: E2eSite, namespace: string, folders: Folders) {
    this.site = site;
    this.namespace = namespace;
    this.folders = folders;
  }

  /** Notes `otherwise`, with the last lines that the command wrote, unless it is so. */
  demand(isSo: boolean, otherwise: string, ended?: Pick<EndedRun, "stdout" | "stderr">): void {
    if (isSo) return;
    this.wrong.push(otherwise + (ended === undefined ? "" : `\n${lastLines(ended.stderr)}\n${lastLines(ended.stdout)}`));
  }

  /** Notes every file and process that the round's commands have left. */
  demandNothingLeft(when: string): void {
    this.wrong.push(...filesLeftIn(this.folders, this.killed).map((file) => `${file} ${when}`));
    this.wrong.push(...processesOf(this.folders).map((process) => `process ${process} still runs ${when}`));
  }

  /** Waits for the end of a run, and remembers whose run directory may hold half a file. */
  async endOf(run: WatchedRun): Promise<EndedRun> {
    const ended = await run.end();
    if (ended.code === null && run.folder !== undefined) this.killed.add(run.folder);
    return ended;
  }

  /** What stands in the cluster now; notes everything seen after an interruption that does not stand as it did. */
  async compared(): Promise<Sighting> {
    const now = await look(this.site, this.namespace);
    for (const earlier of this.sightings) this.wrong.push(...lostBetween(earlier, now));
    return now;
  }

  /** Looks after an interruption, and keeps what is seen for all later comparisons. */
  async sight(): Promise<Sighting> {
    const sighting = await this.compared();
    this.sightings.push(sighting);
    return sighting;
  }
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-12).join("\n");
}
