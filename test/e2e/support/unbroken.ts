import { expect } from "vitest";
import type { Writer } from "../../campaign/restores/writer.ts";
import { gapOf } from "../../campaign/upgrades/round.ts";
import type { LoadedPlatform } from "./loaded-platform.ts";

/**
 * Expects of everything that the writer was told since it was last taken: no request failed, which one that takes five seconds does, and every
 * acknowledged row is there, once. Tells the longest time between two answers.
 */
export async function expectUnbroken(platform: LoadedPlatform, writer: Writer): Promise<void> {
  await writer.acknowledged(5);
  const rows = writer.take();
  expect(rows.filter(({ acknowledgedAt }) => acknowledgedAt === undefined)).toEqual([]);
  const { milliseconds, endedAt } = gapOf(rows);
  process.stderr.write(`${rows.length} requests, longest gap ${milliseconds} ms, until ${new Date(endedAt).toISOString()}\n`);
  const times = new Map<number, number>();
  for (const number of await platform.rows()) times.set(number, (times.get(number) ?? 0) + 1);
  expect(rows.filter(({ number }) => times.get(number) !== 1)).toEqual([]);
}
