import { z } from "zod";
import { Dice } from "../dice.ts";
import { aroundSilence, differences, type Ledger, type Moment, outOfService } from "./ledger.ts";
import type { RestoredPlatform } from "./platform.ts";
import { wrongWithVectors } from "./vectors.ts";
import type { Writer } from "./writer.ts";

/** How a round went. */
export interface Restored {
  readonly number: number;
  /** What was done, in words. */
  readonly what: string;
  /** The timeline that the database is on afterwards. */
  readonly timeline: number;
  /** Acknowledged rows that had to be there. */
  readonly rows: number;
  /** What does not keep the promise. */
  readonly wrong: readonly string[];
  readonly seconds: number;
}

/** What the rounds work with. */
export interface Game {
  readonly platform: RestoredPlatform;
  readonly writer: Writer;
  readonly ledger: Ledger;
  /** Timeline of each era, by its number. */
  readonly timelines: number[];
  readonly seed: number;
}

/** Rounds after which the room that restores have taken is given back; nothing can be undone in the round after that. */
const pruneEvery = 6;

const windowsSchema = z.object({
  windows: z.array(z.object({ timeline: z.int(), from: z.object({ at: z.string() }), to: z.object({ at: z.string() }) })),
});

/** Plays one round: lets rows be written, then restores to a moment of any history (or undoes the last restore), and compares row by row. */
export async function playRestore(game: Game, number: number): Promise<Restored> {
  const { platform, writer, ledger, timelines, seed } = game;
  const dice = new Dice(seed, `restore ${number}`);
  await writer.acknowledged(dice.between(40, 120));
  for (const row of writer.take()) ledger.write(row);
  const undo = number % pruneEvery > 1 && dice.chance(0.2);
  const moment = undo ? undefined : await chooseMoment(game, dice);
  const command = moment === undefined ? ["backup", "undo"] : ["backup", "restore", "--to-time", new Date(moment.at).toISOString()];
  const from = Date.now();
  const { code, stdout, stderr } = await platform.run(...command, "--yes", "--confirm", platform.release);
  const during = { from, to: Date.now() };
  const wrong = code === 0 ? [] : [`ended with ${code}: ${stdout}${stderr}`];
  const [timeline = 0] = (await platform.query("select timeline_id from pg_control_checkpoint()")).map(Number);
  const reached = code === 0 ? turn(game, during, moment) : undefined;
  if (reached !== undefined) timelines.push(timeline);
  const expected = ledger.expected(reached ?? { era: ledger.living, at: during.to });
  const found = new Set((await platform.query("select substr(name, 5) from migration.assessment where name like 'row %'")).map(Number));
  for (const row of writer.take()) ledger.write(row);
  const { missing, surplus } = differences(found, expected, ledger.sinceRestore);
  if (missing.length > 0) wrong.push(`${missing.length} acknowledged rows are missing: ${missing.slice(0, 10).join(" ")}`);
  if (surplus.length > 0) wrong.push(`${surplus.length} rows are there that were written later: ${surplus.slice(0, 10).join(" ")}`);
  wrong.push(...(await wrongWithVectors(platform)));
  if (number % pruneEvery === 0) await platform.must("backup", "prune", "--yes", "--confirm", platform.release);
  const what =
    moment === undefined ? "undo" : `to ${new Date(moment.at).toISOString()} on timeline ${timelines[moment.era]}, era ${moment.era}`;
  return { number, what, timeline, rows: expected.there.size, wrong, seconds: (during.to - during.from) / 1000 };
}

/** Writes down that a new era has begun, and what was written in both while the command ran; gives the moment that must have been reached. */
function turn({ writer, ledger }: Game, during: { readonly from: number; readonly to: number }, moment: Moment | undefined): Moment {
  const rows = writer.take();
  const silence = outOfService(rows, during);
  const [before, after] = aroundSilence(rows, silence);
  for (const row of before) ledger.write(row);
  // An undo brings back the era before, as it was when it was taken out of service.
  const reached = moment ?? ledger.replaced;
  ledger.restored(reached, silence.from);
  for (const row of after) ledger.write(row);
  return reached;
}

/** A moment of any history that the backups reach and in which rows were written; each stretch is as likely as it was long. */
async function chooseMoment({ platform, ledger, timelines }: Game, dice: Dice): Promise<Moment> {
  const { windows } = windowsSchema.parse(JSON.parse(await platform.must("backup", "list")));
  const stretches = timelines.flatMap((timeline, era) => {
    const span = ledger.span(era);
    return windows.flatMap((window) => {
      if (span === undefined || window.timeline !== timeline) return [];
      const from = Math.max(span.from, Date.parse(window.from.at));
      // What was written last is not in the archive yet: the restore brings it there first.
      const to = era === ledger.living ? span.to : Math.min(span.to, Date.parse(window.to.at));
      return to > from ? [{ era, from, to }] : [];
    });
  });
  let left = dice.fraction() * stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  for (const { era, from, to } of stretches) {
    if (left <= to - from) return { era, at: Math.ceil(from + left) };
    left -= to - from;
  }
  throw new RangeError("no moment can be reached");
}
