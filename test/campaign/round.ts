import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type E2eSite, kubectl, migratectl } from "../e2e/support/site.ts";
import { until } from "../sandbox/until.ts";
import { roundAnswers } from "./answers.ts";
import { breakRunDirectory } from "./break-run-directory.ts";
import { leftBehind, wrongAtTheEnd } from "./judge.ts";
import { takeAway } from "./outage.ts";
import { isOutage, type Round, type Strike } from "./rounds.ts";
import { look, type Sighting } from "./sighting.ts";
import { reach, struck } from "./strike.ts";
import { processesOf } from "./traces.ts";
import { givenTwice, uploadsIn } from "./uploads.ts";
import { environmentOf, type Folders, WatchedRun } from "./watched-run.ts";
import { Witness } from "./witness.ts";

/** How a round went. */
export interface Outcome {
  readonly round: Round;
  /** Where the cluster's journal says that each run was interrupted, and how the process ended. */
  readonly interrupted: readonly string[];
  /** What does not keep the promise; empty when all of it does. */
  readonly wrong: readonly string[];
  readonly seconds: number;
}

const resultSchema = z.looseObject({ outcome: z.string(), resumed: z.number() });
const errorSchema = z.object({ error: z.object({ code: z.string(), fix: z.string() }) });

/** Exit status of a command that was told to stop. */
const cancelled = 130;

/** Actions of an installation that stand before its journal and are run by every process. */
const prepared = 3;

/** Milliseconds that an orphan of a killed process gets to end by itself. */
const orphans = 60_000;

/** Plays one round on a namespace, a registry prefix and folders of its own, and takes down what it installed. */
export async function play(site: E2eSite, round: Round): Promise<Outcome> {
  const started = performance.now();
  const game = await Game.begin(site, round);
  const { witness, interrupted } = game;
  try {
    await game.play();
  } catch (error) {
    witness.demand(false, error instanceof Error ? error.message : String(error));
  } finally {
    await game.clear();
  }
  return { round, interrupted, wrong: witness.wrong, seconds: (performance.now() - started) / 1000 };
}

class Game {
  readonly interrupted: string[] = [];
  readonly witness: Witness;
  private readonly site: E2eSite;
  private readonly round: Round;
  private readonly folders: Folders;
  private readonly name: string;
  private readonly answers: string;
  private failures = 0;

  private constructor(site: E2eSite, round: Round, name: string, folders: Folders, answers: string) {
    this.site = site;
    this.round = round;
    this.name = name;
    this.folders = folders;
    this.answers = answers;
    this.witness = new Witness(site, name, folders);
  }

  static async begin(site: E2eSite, round: Round): Promise<Game> {
    const name = `round-${round.number}-${randomBytes(3).toString("hex")}`;
    const home = join(site.scratch, name);
    const folders = { state: join(home, "state"), temporary: join(home, "tmp"), compiled: join(site.scratch, "compiled") };
    for (const folder of [folders.state, folders.temporary]) await mkdir(folder, { recursive: true });
    return new Game(site, round, name, folders, await roundAnswers(site, name));
  }

  async play(): Promise<void> {
    const { kind, strike, again } = this.round;
    await (isOutage(kind) ? this.withoutApi(kind) : this.strike(strike));
    if (kind === "lost" || kind === "torn" || kind === "power") await breakRunDirectory(this.folders, kind);
    if (again !== undefined) await this.strike(again);
    // The second power cut takes the files of its machine, too.
    if (again !== undefined && kind === "power") await breakRunDirectory(this.folders, kind);
    await this.finish();
    await this.use();
    await this.takeDown();
  }

  /** Runs the command and strikes it; what it leaves is looked at. */
  private async strike(strike: Strike): Promise<void> {
    const { witness } = this;
    const run = this.install();
    const hit = await struck(run, strike);
    const ended = await witness.endOf(run);
    const { code, stdout } = ended;
    const sighting = await witness.sight();
    this.interrupted.push(`${hit ? strike.signal : "ended before"} (${code ?? "killed"}) ${standing(sighting.journal)}`);
    // A signal that comes before the command listens for it, or when all is done, ends it as it would any other.
    if (code !== null) witness.demand(code === 0 || (hit && code === cancelled), `ended with ${code} on ${strike.signal}`, ended);
    if (code !== cancelled) return;
    witness.demand(/same command/.test(stdout), `${strike.signal} was not told how to go on`, ended);
    witness.demand(sighting.lease === undefined, `the Lease is held by ${sighting.lease} after ${strike.signal}`);
    witness.demandNothingLeft(`after ${strike.signal}`);
  }

  /** Takes the API server away at the round's place: the command may ride it out or stop with a word on how to go on. */
  private async withoutApi(how: "stall" | "drop" | "refuse"): Promise<void> {
    const { witness, round } = this;
    const run = this.install();
    const hit = await reach(run, round.strike.place);
    const bringBack = await takeAway(this.site.sandbox, how);
    try {
      await run.within(round.outageSeconds * 1000);
    } finally {
      await bringBack();
    }
    const ended = await witness.endOf(run);
    const stopped = ended.code === 0 ? undefined : errorSchema.parse(JSON.parse(ended.stdout)).error;
    const sighting = await witness.sight();
    this.interrupted.push(
      `${hit === "so" ? (stopped?.code ?? "ridden out") : "ended before"} (${ended.code}) ${standing(sighting.journal)}`,
    );
    if (stopped === undefined) return;
    this.failures += 1;
    witness.demand(/same command again/.test(stopped.fix), `the outage ended in ${stopped.code}, whose fix is: ${stopped.fix}`, ended);
    witness.demandNothingLeft("after an outage");
  }

  /** The same command has to come to its end, and to take over all that was done. */
  private async finish(): Promise<void> {
    const { witness } = this;
    const journal = witness.sightings.at(-1)?.journal;
    const ended = await witness.endOf(this.install());
    witness.demand(ended.code === 0, `the same command ended with ${ended.code}`, ended);
    if (ended.code !== 0) return;
    const { outcome, resumed } = resultSchema.parse(JSON.parse(ended.stdout));
    const done = Math.max(0, (journal?.entries.filter(({ state }) => state === "done").length ?? 0) - prepared);
    if (journal?.finished === true) witness.demand(outcome === "unchanged", `a finished installation was ${outcome}`, ended);
    else witness.demand(resumed === done, `${resumed} of ${done} done actions were taken over`, ended);
    const end = await witness.compared();
    // With nothing left to do, a machine that cannot know whether the holder of the Lease lives leaves it to its end.
    const lease = this.round.kind === "power" && outcome === "unchanged" ? undefined : end.lease;
    witness.wrong.push(...wrongAtTheEnd(witness.sightings, { ...end, lease }, this.failures));
  }

  /** The platform works, its record is whole, once more changes nothing, and nothing is left on this host. */
  private async use(): Promise<void> {
    const { witness, site } = this;
    const scope = ["--answers", this.answers, "--json"];
    const [smoke, history, again] = await Promise.all(
      [["smoke", ...scope], ["history", "--verify", ...scope], this.installArgs].map((args) =>
        migratectl(site, args, { env: environmentOf(this.folders) }),
      ),
    );
    witness.demand(smoke?.code === 0, `smoke ended with ${smoke?.code}`, smoke);
    witness.demand(history?.code === 0, `history --verify ended with ${history?.code}`, history);
    witness.demand(/"outcome": ?"unchanged"/.test(again?.stdout ?? ""), "the command once more was not `unchanged`", again);
    witness.demandNothingLeft("at the end");
    const log = await readFile(join(site.sandbox.logDir, "registry.log"), "utf8");
    witness.demand(uploadsIn(log, this.name) > 0, "the registry's log tells of no upload at all");
    witness.wrong.push(...givenTwice(log, this.name));
  }

  private async takeDown(): Promise<void> {
    const { witness, site } = this;
    const args = ["uninstall", "--answers", this.answers, "--delete-data", "--yes", "--confirm", "migrate-platform", "--json"];
    const { uninstallStrike } = this.round;
    if (uninstallStrike !== undefined) {
      const run = new WatchedRun(site, this.folders, args);
      const hit = await run.until(() => doneShare(run) >= uninstallStrike);
      run.send("KILL", "group");
      await witness.endOf(run);
      this.interrupted.push(hit === "so" ? `uninstall ${standing(run.journal())}` : "uninstall ended before");
    }
    const ended = await witness.endOf(new WatchedRun(site, this.folders, args));
    witness.demand(ended.code === 0, `uninstall ended with ${ended.code}`, ended);
    witness.wrong.push(...leftBehind(await look(site, this.name)));
    witness.demandNothingLeft("after the uninstall");
  }

  private install(): WatchedRun {
    const elsewhere = this.round.kind === "power" && this.witness.sightings.length > 0;
    return new WatchedRun(this.site, this.folders, this.installArgs, { elsewhere });
  }

  private get installArgs(): readonly string[] {
    return ["install", "--airgap", "--bundle", this.site.bundle, "--answers", this.answers, "--yes", "--json"];
  }

  /** Removes what is left of the round: processes, namespace, folders. */
  async clear(): Promise<void> {
    const left = () => processesOf(this.folders);
    await until("the end of the round's processes", () => (left().length === 0 ? true : undefined), { deadlineMs: orphans }).catch(() =>
      this.witness.demand(false, `still running: ${left().join(", ")}`),
    );
    await kubectl(this.site, "delete", "namespace", this.name, "--ignore-not-found", "--wait=false");
    await rm(join(this.site.scratch, this.name), { recursive: true, force: true });
  }
}

function doneShare(run: WatchedRun): number {
  const entries = run.journal()?.entries ?? [];
  return entries.length === 0 ? -1 : entries.filter(({ state }) => state === "done").length / entries.length;
}

/** Where a journal stands: the first action that is not done, and its state. */
function standing(journal: Sighting["journal"]): string {
  if (journal === undefined) return "before the journal";
  const open = journal.entries.find(({ state }) => state !== "done");
  return open === undefined ? (journal.finished ? "finished" : "all done") : `${open.id} ${open.state}`;
}
