import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { until } from "../../sandbox/until.ts";
import type { WrittenRow } from "../restores/ledger.ts";
import type { Writer } from "../restores/writer.ts";
import { reach } from "../strike.ts";
import { type EndedRun, type Folders, WatchedRun } from "../watched-run.ts";
import { bringAbout } from "./bring-about.ts";
import type { KeptImage } from "./image-faults.ts";
import type { UpgradedPlatform } from "./platform.ts";
import { passing, type UpgradeRound } from "./rounds.ts";

/** How a round went. */
export interface UpgradeOutcome {
  readonly round: UpgradeRound;
  /** How each run of the command ended, in words. */
  readonly runs: readonly string[];
  /** The release that serves afterwards. */
  readonly serves: string;
  readonly rows: number;
  /** Longest time between two acknowledged rows. */
  readonly gap: Gap;
  /** What does not keep the promise. */
  readonly wrong: readonly string[];
  readonly seconds: number;
}

/** A time without an answer: when it ended, in milliseconds since 1970, and how many it lasted. */
export interface Gap {
  readonly endedAt: number;
  readonly milliseconds: number;
}

/** What the rounds work with. */
export interface UpgradeGame {
  readonly platform: UpgradedPlatform;
  readonly writer: Writer;
  /** The bundle of 1.1.0. */
  readonly bundle: string;
  /** Its image that most of it runs. */
  readonly backend: KeptImage;
}

/** Runs of the command, at most: what was interrupted goes on with the same command. */
const mostRuns = 3;

/** Milliseconds that a run gets: Kubernetes tries a refused pod again after a quarter of an hour. */
const longest = 1_500_000;

/** Upgrades 1.0.0 to 1.1.0 while something goes wrong and rows are written; looks what stands then, and brings 1.0.0 back for the next round. */
export async function playUpgrade(game: UpgradeGame, round: UpgradeRound): Promise<UpgradeOutcome> {
  const { platform, writer } = game;
  const started = performance.now();
  const before = await platform.secrets();
  writer.take();
  await writer.acknowledged(10);
  const wrong: string[] = [];
  const runs: string[] = [];
  let code: number | null = null;
  for (let number = 1; number <= mostRuns && code !== 0 && code !== 4; number += 1) {
    const ended = await (number === 1 ? disturbed(game, round) : (await command(game, round)).end(longest));
    code = ended.code;
    runs.push(inWords(ended));
  }
  const serves = async () => ((await platform.run("status")).code === 0 ? true : undefined);
  await until("the platform serves", serves, { deadlineMs: 300_000, pauseMs: 1000 }).catch((error: Error) => wrong.push(error.message));
  const smoke = await platform.run("smoke");
  if (smoke.code !== 0) wrong.push(`the smoke test ended with ${smoke.code}: ${smoke.stdout}${smoke.stderr}`);
  const { version } = await platform.version();
  if (code !== 0 && code !== 4) wrong.push(`the command ended with ${code} after ${mostRuns} runs`);
  else if (version !== (code === 0 ? "1.1.0" : "1.0.0")) wrong.push(`the command ended with ${code}, and ${version} serves`);
  const after = await platform.secrets();
  for (const [name, hash] of before) if (after.get(name) !== hash) wrong.push(`Secret ${name} has changed`);
  const history = await platform.run("history", "--verify");
  if (history.code !== 0) wrong.push(`the history does not verify: ${history.stdout}`);
  await writer.acknowledged(10);
  const rows = writer.take();
  wrong.push(...(await wrongRows(platform, rows)));
  if (wrong.length === 0) await platform.asInstalled();
  return { round, runs, serves: version, rows: rows.length, gap: gapOf(rows), wrong, seconds: (performance.now() - started) / 1000 };
}

/** Starts the upgrade, has something go wrong at the round's place, and waits for the end. */
async function disturbed(game: UpgradeGame, round: UpgradeRound): Promise<EndedRun> {
  const run = await command(game, round);
  const reached = await reach(run, round.place);
  const mend = await bringAbout(round.fault, game.platform, run, game.backend);
  const ended = run.end(longest);
  try {
    // Nothing to wait for where the command ended before its place came.
    if (passing.has(round.fault) && reached === "so") await Promise.race([ended, pause(round.seconds * 1000)]);
    else await ended;
  } finally {
    await mend();
  }
  return await ended;
}

async function command({ platform, bundle }: UpgradeGame, { fault }: UpgradeRound): Promise<WatchedRun> {
  const { site, answers, crashing } = platform;
  const temporary = join(site.scratch, "tmp");
  await mkdir(temporary, { recursive: true });
  const folders: Folders = { state: join(site.scratch, "state"), temporary, compiled: join(site.scratch, "compiled") };
  const args = ["upgrade", "--airgap", "--bundle", bundle, "--yes", "--json"];
  return new WatchedRun(site, folders, [...args, "--answers", fault === "image-crashes" ? crashing : answers]);
}

const errorSchema = z.object({ error: z.object({ code: z.string(), what: z.string() }) });

/** The status and, where it failed, the error in short. */
function inWords({ code, stdout }: EndedRun): string {
  if (code === null) return "killed";
  if (code === 0) return "0";
  try {
    const { error } = errorSchema.parse(JSON.parse(stdout));
    return `${code} ${error.code}: ${error.what.split("\n")[0]}`;
  } catch {
    return `${code}: ${stdout.slice(0, 200)}`;
  }
}

/** Acknowledged rows that are not there once, and others that are there more than once. */
async function wrongRows(platform: UpgradedPlatform, rows: readonly WrittenRow[]): Promise<readonly string[]> {
  const times = new Map<number, number>();
  for (const number of await platform.rows()) times.set(number, (times.get(number) ?? 0) + 1);
  const wrong = rows.filter(({ number, acknowledgedAt }) => {
    const found = times.get(number) ?? 0;
    return acknowledgedAt === undefined ? found > 1 : found !== 1;
  });
  return wrong.slice(0, 10).map(({ number, acknowledgedAt }) => {
    return `row ${number}, ${acknowledgedAt === undefined ? "not " : ""}acknowledged, is there ${times.get(number) ?? 0} times`;
  });
}

/** The longest time between two acknowledged rows. */
export function gapOf(rows: readonly WrittenRow[]): Gap {
  const answered = rows.flatMap(({ acknowledgedAt }) => (acknowledgedAt === undefined ? [] : [acknowledgedAt])).toSorted((a, b) => a - b);
  const gaps = answered.map((endedAt, index) => ({ endedAt, milliseconds: endedAt - (answered[index - 1] ?? endedAt) }));
  return gaps.reduce((most, one) => (one.milliseconds > most.milliseconds ? one : most), { endedAt: 0, milliseconds: 0 });
}
